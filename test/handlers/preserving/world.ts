// Two databases with sessions as the stage has them: staging, which is only read, and the copy, which is written.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Connection } from "mysql2/promise";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { readSchema } from "../../../handlers/mysql/schema.ts";
import { openReadSession, openWriteSession } from "../../../handlers/mysql/session.ts";
import {
  planPreserve,
  preserveRows,
  provePreserved,
  type PlanOptions,
  type PreserveOptions,
} from "../../../handlers/preserving/index.ts";
import { previewPreserve } from "../../../handlers/preserving/preview/index.ts";
import { connect, createDatabase, type TestServer } from "../../support/servers.ts";

export type World = Awaited<ReturnType<typeof openWorld>>;

/** Makes both databases and runs their statements, separated by lines that end in a semicolon. */
export async function openWorld(
  t: TestContext,
  servers: { readonly staging: TestServer; readonly copy: TestServer },
  scripts: { readonly staging: string; readonly copy: string },
) {
  const stagingDatabase = await createDatabase(t, servers.staging, "staging");
  const database = await createDatabase(t, servers.copy, "copy");
  const staging = await fill(t, servers.staging, stagingDatabase, scripts.staging);
  const copy = await fill(t, servers.copy, database, scripts.copy);
  const workDatabase = `${database}_work`;
  const openStaging = () => openReadSession("staging", addressOf(servers.staging));
  const openCopy = () => openWriteSession("replica", addressOf(servers.copy));

  return {
    staging,
    copy,
    workDatabase,
    async plan(rules: readonly PreserveRule[], options?: PlanOptions) {
      const [from, to] = [await openStaging(), await openCopy()];
      try {
        return planPreserve(rules, await readSchema(from, stagingDatabase), await readSchema(to, database), options);
      } finally {
        await from.close();
        await to.close();
      }
    },
    /** What the rules would do, held against the copy, or where there is none to hold against, against staging itself. */
    async preview(
      plan: PreserveOptions["plan"],
      meets: "copy" | "staging" = "copy",
      limits: { readonly present?: (table: string) => string | undefined; readonly masked?: readonly string[] } = {},
    ) {
      const [session, other] = [await openStaging(), await openReadSession("production", addressOf(servers.copy))];
      const isMasked = (table: string, column: string) => limits.masked?.includes(`${table}.${column}`) === true;
      const production = { session: other, database, present: limits.present ?? (() => undefined), isMasked };
      try {
        return await previewPreserve({
          ...{ plan, staging: session, stagingDatabase },
          ...(meets === "copy" && { production }),
        });
      } finally {
        await session.close();
        await other.close();
      }
    },
    /** One call of the engine, by sessions that `wrap` may break. */
    async carry(
      plan: PreserveOptions["plan"],
      options: Partial<PreserveOptions> = {},
      wrap: (session: WriteSession) => WriteSession = (session) => session,
    ) {
      const session = await openStaging();
      const open = async () => wrap(await openCopy());
      const signal = new AbortController().signal;
      try {
        return await preserveRows({
          ...{ plan, staging: session, stagingDatabase, open, database, signal, workDatabase },
          ...options,
        });
      } finally {
        await session.close();
      }
    },
    /** The whole proof, in one call. */
    async prove(plan: PreserveOptions["plan"]) {
      const { signal } = new AbortController();
      const proven = await provePreserved({ plan, open: openCopy, database, workDatabase, signal });
      assert.ok(proven !== "out-of-time");
      return proven;
    },
    /** One call of the proof that has no time left, or by sessions that `wrap` breaks. */
    proveInHaste: (
      plan: PreserveOptions["plan"],
      wrap: (session: WriteSession) => WriteSession = (session) => session,
    ) =>
      provePreserved({
        ...{ plan, database, workDatabase, signal: AbortSignal.abort() },
        open: async () => wrap(await openCopy()),
      }),
  };
}

function addressOf({ host, port, user, password }: TestServer) {
  return { host, port, user, password };
}

async function fill(t: TestContext, server: TestServer, database: string, script: string): Promise<Connection> {
  const connection = await connect(t, server, database);
  await connection.query("SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'");
  await connection.query("SET foreign_key_checks = 0, NAMES utf8mb4");
  for (const statement of script.split(/;\n/)) if (statement.trim() !== "") await connection.query(statement);
  return connection;
}

/** Rows of a query as JSON, in the query's order: what two databases are compared by. */
export async function rowsOf(connection: Connection, sql: string): Promise<unknown[]> {
  const [rows] = await connection.query({ sql, rowsAsArray: true });
  return JSON.parse(JSON.stringify(rows)) as unknown[];
}
