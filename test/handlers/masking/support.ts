// What masking tests share: a copy on a real server, a job to mask it, and the transforms as Node computes them.
import { createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { MaskingContract, TableRule, Transform } from "../../../contracts/sync-contract.ts";
import { toTransform, type TransformInFile } from "../../../contracts/transforms.ts";
import { planMasking, type MaskingJob } from "../../../handlers/masking/index.ts";
import type { Schema } from "../../../handlers/mysql/schema.ts";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import { readCopy } from "../../../handlers/mysql/waiting-keys.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, createDatabase, type TestServer } from "../../support/servers.ts";

export const KEY = Buffer.from("0123456789abcdef0123456789abcdef");

type Rule = "keep" | "truncate" | Readonly<Record<string, Transform["name"] | Exclude<TransformInFile, string | null>>>;

/** A contract in the short form of sync.yaml. */
export function contractOf(
  tables: Readonly<Record<string, Rule>>,
  unlisted: "stop" | "redact" = "stop",
): MaskingContract {
  return {
    key: "env:KEY",
    unlisted,
    tables: Object.fromEntries(Object.entries(tables).map(([name, rule]) => [name, ruleOf(rule)])),
  };
}

function ruleOf(rule: Rule): TableRule {
  if (typeof rule === "string") return { kind: rule };
  const columns = Object.entries(rule).map(([column, transform]): [string, Transform] => [
    column,
    transform === "fixed" ? { name: "fixed", value: "" } : toTransform(transform as TransformInFile),
  ]);
  return { kind: "columns", columns: Object.fromEntries(columns) };
}

export interface Copy {
  readonly server: TestServer;
  readonly database: string;
  readonly connection: Connection;
  open(): Promise<WriteSession>;
  schema(): Promise<Schema>;
  /** A job for a contract; `options` win. */
  job(contract: MaskingContract, options?: Partial<MaskingJob>): Promise<MaskingJob>;
  /** Every row of a query. */
  rows(sql: string): Promise<RowDataPacket[]>;
}

/** Where a copy's ledger stands. */
export function ledgerOf(database: string): string {
  return `${database}_ledger`;
}

/** A database with these tables, filled by these statements. */
export async function createCopy(t: TestContext, server: TestServer, statements: readonly string[]): Promise<Copy> {
  const database = await createDatabase(t, server, "mask");
  const connection = await connect(t, server, database);
  await connection.query("SET NAMES utf8mb4");
  await connection.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'");
  for (const statement of statements) await connection.query(statement);
  const { host, port, user, password } = server;
  const open = () => openWriteSession("replica", { host, port, user, password });
  const schema = async () => {
    const session = await open();
    try {
      return await readCopy(session, database, ledgerOf(database));
    } finally {
      await session.close();
    }
  };
  return {
    server,
    database,
    connection,
    open,
    schema,
    async job(contract, options = {}) {
      return {
        plan: planMasking(contract, await schema()),
        database,
        run: "run-1",
        open,
        key: KEY,
        connections: 3,
        signal: new AbortController().signal,
        chunkRows: 7,
        proofRangeRows: 50,
        ledgerDatabase: ledgerOf(database),
        ...options,
      };
    },
    async rows(sql) {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      return rows;
    },
  };
}

/** An independent account of what `hash` and `email` give for a text, from the RFC's construction in Node. */
export function keyed(domain: "hash" | "email", value: string | Buffer): string {
  return createHmac("sha256", KEY).update(`${domain}:`).update(value).digest("hex");
}

export function hashOf(value: string, digits = 64): string {
  return value === "" ? "" : keyed("hash", value).slice(0, digits);
}

export function emailOf(value: string): string {
  return value === "" ? "" : `u${keyed("email", value).slice(0, 24)}@example.com`;
}

/** `n` rows of `(1, 'name 1'), …`, with the value made from the number. */
export function manyRows(n: number, row: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => `(${row(i + 1)})`).join(", ");
}

/** Closes what a test opened by itself. */
export function closeAfter(t: TestContext, session: WriteSession): void {
  afterTest(t, () => session.close());
}
