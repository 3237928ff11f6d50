// Sessions on mysql2, with everything pinned that a server's settings could otherwise change under us.
import type { Readable } from "node:stream";
import { createConnection, type Connection, type ConnectionOptions, type ResultSetHeader } from "mysql2";
import type { ReadSession, Role, SqlRow, WritableRole, WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "./identifiers.ts";
import { ANY_PARENT } from "./parent-keys.ts";
import { NOTHING_IS_SLOW } from "./slow-log.ts";

/** Carried through: zero and impossible dates. Refused: a value that would be cut to fit. */
const SQL_MODE = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

/** How mysql2 must read values so that none loses anything: bytes as bytes, and the rest as the server writes it. */
const FAITHFUL: ConnectionOptions = {
  charset: "utf8mb4_general_ci",
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  jsonStrings: true,
  multipleStatements: false,
  // A server that is gone without a word (a failover, a cut network) is noticed in 20 s and not in two hours.
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  // Never let a server ask the client for a file.
  flags: ["-LOCAL_FILES"],
};

/** Not undefined, with which mysql2 looks through the whole statement for question marks. */
const NO_VALUES = null;

/** Where to connect: host and port, or a `stream` that the Cloud SQL connector opened. */
export type SessionOptions = Pick<ConnectionOptions, "host" | "port" | "user" | "password" | "stream" | "ssl">;

/**
 * Opens a session that the server keeps from writing: every transaction in it is READ ONLY.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/set-transaction.html; the limit is the session's, so this wrapper has no way
 * to lift it and offers no `run`.
 */
export async function openReadSession(role: Role, options: SessionOptions): Promise<ReadSession> {
  const connection = await connect(options);
  await connection.promise().query("SET SESSION TRANSACTION READ ONLY");
  return readOn(connection, role, await serverIdentity(connection));
}

/** Opens a session that writes, in READ COMMITTED and autocommit, with no default database. */
export async function openWriteSession(role: WritableRole, options: SessionOptions): Promise<WriteSession> {
  const connection = await connect(options);
  await connection.promise().query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  return {
    ...readOn(connection, role, await serverIdentity(connection)),
    role,
    async run(sql, values) {
      const [result] = await connection.promise().query<ResultSetHeader>(sql, values ? [...values] : NO_VALUES);
      return { affectedRows: result.affectedRows };
    },
  };
}

async function connect(options: SessionOptions): Promise<Connection> {
  const connection = createConnection({ ...FAITHFUL, ...options });
  // A connection that breaks while idle must not end the process; the next statement reports it.
  connection.on("error", () => undefined);
  await connection
    .promise()
    .query(
      `SET SESSION sql_mode = '${SQL_MODE}', time_zone = '+00:00', ${NOTHING_IS_SLOW} /*!80400 , ${ANY_PARENT} */`,
    );
  return connection;
}

function readOn(connection: Connection, role: Role, server: string): ReadSession {
  return {
    role,
    server,
    async query<Row = SqlRow>(sql: string, values?: readonly unknown[]): Promise<Row[]> {
      const [rows] = await connection.promise().query(sql, values ? [...values] : NO_VALUES);
      return rows as Row[];
    },
    async *stream<Row = SqlRow>(sql: string, values?: readonly unknown[]): AsyncGenerator<Row> {
      for await (const page of pagesOf<Row>(connection, sql, values)) yield* page;
    },
    pages: (sql, values) => pagesOf(connection, sql, values),
    async setVariable(name, value) {
      await connection.promise().execute(`SET @${quoteName(name)} = ?`, [value]);
    },
    async close() {
      await connection
        .promise()
        .end()
        .catch(() => connection.destroy());
    },
  };
}

/** Rows that are read ahead. */
const PAGE_ROWS = 200;

async function* pagesOf<Row>(connection: Connection, sql: string, values?: readonly unknown[]): AsyncGenerator<Row[]> {
  const rows = connection.query(sql, values ? [...values] : NO_VALUES).stream({ highWaterMark: PAGE_ROWS });
  let failure: Error | undefined;
  rows.on("error", (error) => (failure = error));
  try {
    while (true) {
      const page: Row[] = [];
      for (let row: Row | null; page.length < PAGE_ROWS && (row = rows.read() as Row | null) !== null;) page.push(row);
      if (page.length > 0) yield page;
      else if (failure) throw failure;
      else if (rows.readableEnded || rows.closed) return;
      else await arrival(rows);
    }
  } finally {
    rows.destroy();
  }
}

/** Until there is more to read, or no more. */
function arrival(rows: Readable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const told = ["readable", "end", "close"];
  for (const event of told) rows.once(event, resolve);
  return promise.finally(() => told.forEach((event) => rows.off(event, resolve)));
}

/** MySQL has a UUID for each server; MariaDB does not, so its host, port and data directory stand for it. */
async function serverIdentity(connection: Connection): Promise<string> {
  const [rows] = await connection.promise().query("SELECT CONCAT_WS(':', @@hostname, @@port, @@datadir) AS place");
  const [variables] = await connection
    .promise()
    .query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'group_replication_group_name', 'wsrep_on')");
  const setting = new Map(
    (variables as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
  );
  // What is written to one node of a cluster is written to all: they count as one server.
  const cluster =
    setting.get("wsrep_on") === "ON" ? await galeraCluster(connection) : setting.get("group_replication_group_name");
  if (cluster) return `cluster ${cluster}`;
  const place = (rows as { place: string }[])[0]?.place ?? "";
  return [setting.get("server_uuid"), place].filter(Boolean).join("@");
}

/** https://mariadb.com/kb/en/galera-cluster-status-variables/#wsrep_cluster_state_uuid */
async function galeraCluster(connection: Connection): Promise<string | undefined> {
  const [rows] = await connection.promise().query("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_state_uuid'");
  return (rows as { Value: string }[])[0]?.Value;
}
