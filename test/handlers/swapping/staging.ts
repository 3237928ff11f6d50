// A staging server for a test: the live database, the next one beside it, and a session that swaps them.
import type { TestContext } from "node:test";
import type { Connection } from "mysql2/promise";
import type { WriteSession } from "../../../contracts/platform.ts";
import { openReadSession, openWriteSession } from "../../../handlers/mysql/session.ts";
import { nextDatabase, previousDatabase, stays, swapTables } from "../../../handlers/swapping/index.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, createDatabase, type TestServer } from "../../support/servers.ts";

export interface Staging {
  readonly live: string;
  readonly next: string;
  readonly previous: string;
  readonly session: WriteSession;
  readonly connection: Connection;
  reader(): ReturnType<typeof openReadSession>;
  rows(sql: string): Promise<unknown[]>;
  swap(keepTables?: readonly string[]): ReturnType<typeof swapTables>;
}

/** @param statements of each database, run with it as the default one */
export async function openStaging(
  t: TestContext,
  server: TestServer,
  statements: { readonly live: readonly string[]; readonly next: readonly string[] },
): Promise<Staging> {
  const live = await createDatabase(t, server, "swap");
  const [next, previous] = [nextDatabase(live), previousDatabase(live)];
  const connection = await connect(t, server);
  await connection.query(`CREATE DATABASE \`${next}\``);
  for (const [database, sqls] of [
    [live, statements.live],
    [next, statements.next],
  ] as const) {
    await connection.query(`USE \`${database}\``);
    for (const sql of sqls) await connection.query(sql);
  }
  await connection.query("USE information_schema"); // a session in one of them would count as a leak
  const { host, port, user, password } = server;
  const session = await openWriteSession("staging", { host, port, user, password });
  afterTest(t, () => session.close());
  return {
    ...{ live, next, previous, session, connection },
    reader: () => openReadSession("staging", { host, port, user, password }),
    rows: async (sql) => (await connection.query(sql))[0] as unknown[],
    swap: (keepTables = []) => swapTables(session, { live, next, previous, stays: stays(keepTables) }),
  };
}
