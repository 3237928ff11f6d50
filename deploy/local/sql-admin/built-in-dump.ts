// A dump without a dump tool that could make it; perform.ts says when. MariaDB's tool cannot read MySQL 5.6 at all, and
// MySQL 9's cannot log in with mysql_native_password.
import { type Connection, createConnection } from "mysql2";
import { z } from "zod";
import { FatalError, isMySqlError } from "../../../contracts/errors.ts";
import { quoteName } from "../../../handlers/mysql/identifiers.ts";
import { connectionError } from "../databases.ts";
import type { DumpedObjects } from "./dump.ts";
import type { Job } from "./job.ts";
import { toolError } from "./tool-errors.ts";
import { type Form, formOf, quoteText, rowText } from "./row-text.ts";

/** As long as mysqldump's (its net_buffer_length): servers take it whatever their max_allowed_packet. */
const INSERT_CHARACTERS = 1_000_000;

/** What mysqldump writes around a dump: its own name, by which readers know one, and what is put back in the session. */
const HEAD = `-- MySQL dump 10.13, as mysqldump writes it, by Understudy

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES' */;
`;
const TAIL = `/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
`;

/**
 * Dumps the job's database in one snapshot: what mysqldump writes with the options of dump.ts, tables and
 * views; for a backup triggers too.
 */
export async function* builtInDump(job: Job, kept: DumpedObjects, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const connection = createConnection({
    ...job.server,
    charset: "utf8mb4_general_ci",
    flags: ["-LOCAL_FILES"],
    typeCast: (field) => field.buffer(), // bytes as the server sends them
  });
  connection.on("error", () => undefined); // the next statement reports it
  const cancel = () => connection.destroy();
  signal.addEventListener("abort", cancel);
  try {
    for await (const text of statements(connection, job.database, kept)) yield Buffer.from(text);
  } catch (error) {
    throw isMySqlError(error)
      ? toolError(job, { ok: false, errno: error.errno })
      : connectionError(job.role, job.server, error);
  } finally {
    signal.removeEventListener("abort", cancel);
    connection.destroy();
  }
}

async function* statements(connection: Connection, database: string, kept: DumpedObjects): AsyncGenerator<string> {
  await ask(connection, "SET SESSION sql_mode = '', time_zone = '+00:00', sql_quote_show_create = 1");
  await ask(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT");
  if (kept === "all") await refuseRoutines(connection, database);
  const name = quoteName(database);
  const [created] = await ask(connection, `SHOW CREATE DATABASE IF NOT EXISTS ${name}`);
  await ask(connection, `USE ${name}`);
  yield `${HEAD}\n${created?.[1]};\n\nUSE ${name};\n`;
  const found = await ask(connection, "SHOW FULL TABLES");
  const views = found.filter(([, kind]) => kind === "VIEW").map(([view = ""]) => view);
  for (const [table = "", kind] of found) if (kind !== "VIEW") yield* tableDump(connection, database, table);
  // A view may read another that comes later in the alphabet: first each as a shape, then as it is.
  for (const view of views) {
    const columns = (await columnsOf(connection, database, view)).map(({ column }) => `1 AS ${quoteName(column)}`);
    yield `\nDROP TABLE IF EXISTS ${quoteName(view)};\nDROP VIEW IF EXISTS ${quoteName(view)};\n`;
    yield `CREATE VIEW ${quoteName(view)} AS SELECT ${columns.join(",")};\n`;
  }
  if (kept !== "none") yield* triggerDump(connection);
  for (const view of views) {
    const [definition] = await ask(connection, `SHOW CREATE VIEW ${quoteName(view)}`);
    yield `\n${comparedIn(definition?.[3])}DROP VIEW IF EXISTS ${quoteName(view)};\n${definition?.[1]};\n`;
  }
  yield `\n${TAIL}-- Dump completed\n`;
}

async function* tableDump(connection: Connection, database: string, table: string): AsyncGenerator<string> {
  const name = quoteName(table);
  const [created] = await ask(connection, `SHOW CREATE TABLE ${name}`);
  yield `\nDROP TABLE IF EXISTS ${name};\n${created?.[1]};\n`;
  const columns = (await columnsOf(connection, database, table)).filter(({ generated }) => !generated);
  const list = columns.map(({ column }) => quoteName(column)).join(", ");
  const forms = columns.map(({ form }) => form);
  const head = `INSERT INTO ${name} (${list}) VALUES `;
  let text = "";
  const rows = connection
    .query({ sql: `SELECT ${list} FROM ${name}`, rowsAsArray: true })
    .stream({ highWaterMark: 32 });
  for await (const row of rows as AsyncIterable<(Buffer | null)[]>) {
    text += `${text === "" ? head : ","}${rowText(row, forms)}`;
    if (text.length < INSERT_CHARACTERS) continue;
    yield `${text};\n`;
    text = "";
  }
  if (text !== "") yield `${text};\n`;
}

async function* triggerDump(connection: Connection): AsyncGenerator<string> {
  for (const [trigger = ""] of await ask(connection, "SHOW TRIGGERS")) {
    const [shown] = await ask(connection, `SHOW CREATE TRIGGER ${quoteName(trigger)}`);
    const mode = `SET SESSION sql_mode = ${quoteText(shown?.[1] ?? "")};\n`;
    yield `\n${comparedIn(shown?.[4])}${mode}DELIMITER ;;\n${shown?.[2]};;\nDELIMITER ;\n`;
    yield "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';\n";
  }
}

/** In which an object's literals are compared, with each other and with what functions return; the dump is in utf8mb4. */
function comparedIn(collation = ""): string {
  const held = /^utf8mb4_\w+$/.test(collation) ? collation : "utf8mb4_general_ci";
  return `/*!50001 SET collation_connection = ${held} */;\n`;
}

/** As the connection's typeCast gives them. */
const Row = z.array(
  z
    .instanceof(Buffer)
    .nullable()
    .transform((value) => value?.toString() ?? ""),
);

/** What this dump cannot take along is not left out in silence. */
async function refuseRoutines(connection: Connection, database: string): Promise<void> {
  for (const [table, schema] of [
    ["ROUTINES", "ROUTINE_SCHEMA"],
    ["EVENTS", "EVENT_SCHEMA"],
  ]) {
    const found = await ask(connection, `SELECT 1 FROM information_schema.${table} WHERE ${schema} = ? LIMIT 1`, [
      database,
    ]);
    if (found.length > 0) throw new FatalError("BACKUP_FAILED", `The built-in dump takes no routines and no events.`);
  }
}

interface Column {
  readonly column: string;
  readonly form: Form;
  readonly generated: boolean;
}

async function columnsOf(connection: Connection, database: string, table: string): Promise<Column[]> {
  const rows = await ask(
    connection,
    `SELECT COLUMN_NAME, DATA_TYPE, EXTRA FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [database, table],
  );
  return rows.map(([column = "", type = "", extra = ""]) => ({
    column,
    form: formOf(type),
    generated: /\b(?:VIRTUAL|STORED) GENERATED\b/.test(extra), // DEFAULT_GENERATED is an ordinary column's
  }));
}

/** A small result, as text. */
async function ask(connection: Connection, sql: string, values: unknown[] = []): Promise<string[][]> {
  const [rows] = await connection.promise().query({ sql, values, rowsAsArray: true });
  return Array.isArray(rows) ? z.array(Row).parse(rows) : [];
}
