// The sample shop on three servers: production full, staging small with its demo rows, the replica empty.
import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { fillProduction } from "../../deploy/local/sample/production.ts";
import { createSchema, schemaFlavour, type SchemaFlavour } from "../../deploy/local/sample/schema.ts";
import { fillStaging } from "../../deploy/local/sample/staging.ts";
import { connectionOptions, startTestServer, type TestServer } from "./servers.ts";

export const ROLES = ["production", "replica", "staging"] as const;
export type Role = (typeof ROLES)[number];
export const DATABASES = { production: "shop", replica: "shop", staging: "shop_staging" } as const;

export type StartedServer = Awaited<ReturnType<typeof startTestServer>>;

/** Three servers of the main kind, for this test alone. */
export async function startThree(t: TestContext): Promise<Record<Role, StartedServer>> {
  const started = await Promise.all(ROLES.map(async (name) => [name, await startTestServer(t, { name })] as const));
  return Object.fromEntries(started) as Record<Role, StartedServer>;
}

export function testServersOf(processes: Record<Role, StartedServer>): Record<Role, TestServer> {
  const { production, replica, staging } = processes;
  return { production: production.test, replica: replica.test, staging: staging.test };
}

export interface SampleOptions {
  readonly rows?: number;
  /** The sample's tables; where it is left out, as each server can have them. */
  readonly schema?: SchemaFlavour;
}

/** Leaves the role's database empty, and on the replica none. */
export async function emptyDatabases(server: TestServer, role: Role): Promise<void> {
  const database = DATABASES[role];
  await asRoot(server, async (root) => {
    for (const name of [database, `${database}__next`, `${database}__prev`, "_understudy"]) {
      await root.query(`DROP DATABASE IF EXISTS ${name}`);
    }
    if (role !== "replica") await root.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  });
}

/** Leaves the role's databases as they are before a sync. */
export async function fillSample(server: TestServer, role: Role, { rows = 500, schema }: SampleOptions): Promise<void> {
  const database = DATABASES[role];
  await emptyDatabases(server, role);
  if (role === "replica") return;
  await asRoot(server, async (root) => {
    await root.query(`USE ${database}`);
    await createSchema(root, schema ?? schemaFlavour(server.version));
  });
  const options = connectionOptions(server, database);
  if (role === "production") await fillProduction(options, { rows, seed: 1 });
  if (role === "staging") await fillStaging(options, { seed: 1 });
}

/** Runs a query as root; for looking, and for what a test breaks on purpose. */
export type Query = (role: Role, sql: string, values?: unknown[]) => Promise<RowDataPacket[]>;

export function queryOn(servers: Readonly<Record<Role, TestServer>>): Query {
  return (role, sql, values) => asRoot(servers[role], (root) => rowsOf(root, sql, values));
}

/** Every row of every table of staging, as one digest a table: equal for equal data. */
export async function stagingDigests({ query }: { readonly query: Query }): Promise<Record<string, string>> {
  const database = DATABASES.staging;
  const tables = await query(
    "staging",
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'",
    [database],
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const rows = (await query("staging", `SELECT * FROM ${database}.\`${name}\``)).map((row) => JSON.stringify(row));
    const digest = createHash("sha256").update(rows.toSorted().join("\n")).digest("hex");
    digests[String(name)] = `${rows.length} rows ${digest.slice(0, 12)}`;
  }
  return Object.fromEntries(Object.entries(digests).toSorted(([a], [b]) => a.localeCompare(b)));
}

export async function asRoot<Result>(server: TestServer, work: (root: Connection) => Promise<Result>): Promise<Result> {
  const root = await createConnection(connectionOptions(server));
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}

async function rowsOf(root: Connection, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  const [rows] = await root.query<RowDataPacket[]>(sql, values);
  return rows;
}
