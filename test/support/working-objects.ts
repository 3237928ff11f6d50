// Whether a database's objects work: every view is read, every routine called, every trigger fired; told so that two
// databases with other values in them can be compared.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { quoteName } from "../../handlers/mysql/identifiers.ts";

/** From what was done to what came of it: a number of rows, `done`, or an error's number. */
export type Outcomes = Readonly<Record<string, string>>;

/** Reads, calls and fires in the connection's default database; what is written is rolled back where the engine can. */
export async function tryObjects(connection: Connection, database: string): Promise<Outcomes> {
  const told: Record<string, string> = {};
  const note = async (what: string, work: () => Promise<string>) => {
    told[what] = await work().catch((error: unknown) => `error ${(error as { errno?: number }).errno}`);
  };
  await connection.query(`USE ${quoteName(database)}`);
  const tables = await names(
    connection,
    "tables",
    "table_name",
    "table_schema = ? AND table_type = 'BASE TABLE'",
    database,
  );
  for (const table of tables) await note(`rows of ${table}`, () => countRows(connection, table));
  for (const view of await names(connection, "views", "table_name", "table_schema = ?", database)) {
    await note(
      `view ${view}`,
      async () => `${(await ask(connection, `SELECT * FROM ${quoteName(view)}`)).length} rows`,
    );
  }
  for (const { kind, name } of await routinesOf(connection, database)) {
    await note(`${kind} ${name}`, () => call(connection, database, kind, name));
  }
  for (const table of await triggered(connection, database)) {
    await note(`triggers of ${table}`, () => fire(connection, table, tables));
  }
  Object.assign(told, await describeObjects(connection, database));
  return told;
}

/** Triggers and events as they are written, and what tables have beside their rows. */
async function describeObjects(connection: Connection, database: string): Promise<Outcomes> {
  const shown = await ask(
    connection,
    `SELECT CONCAT('trigger ', trigger_name) AS what, CONCAT_WS(' ', event_object_table, action_timing, event_manipulation,
       action_statement) AS told FROM information_schema.triggers WHERE trigger_schema = ?
     UNION ALL SELECT CONCAT('event ', event_name), CONCAT_WS(' ', status, event_definition) FROM information_schema.events
     WHERE event_schema = ?
     UNION ALL SELECT CONCAT('keys of ', table_name), CONCAT(COUNT(*), ' parts') FROM information_schema.statistics
     WHERE table_schema = ? GROUP BY table_name
     UNION ALL SELECT CONCAT('references of ', table_name), CONCAT(COUNT(*), ' keys')
     FROM information_schema.referential_constraints WHERE constraint_schema = ? GROUP BY table_name`,
    [database, database, database, database],
  );
  return Object.fromEntries(shown.map(({ what, told }) => [String(what), String(told)]));
}

async function call(connection: Connection, database: string, kind: string, name: string): Promise<string> {
  const parameters = await ask(
    connection,
    `SELECT parameter_mode AS mode, data_type AS type FROM information_schema.parameters
     WHERE specific_schema = ? AND specific_name = ? AND routine_type = ? AND ordinal_position > 0 ORDER BY ordinal_position`,
    [database, name, kind],
  );
  const list = parameters.map(({ mode, type }, i) =>
    mode === "IN" || mode === null ? argument(String(type)) : `@out${i}`,
  );
  const verb = kind === "FUNCTION" ? "SELECT" : "CALL";
  await connection.query("START TRANSACTION");
  try {
    await connection.query(`${verb} ${quoteName(name)}(${list.join(", ")})`);
    return "done";
  } finally {
    await connection.query("ROLLBACK");
  }
}

function argument(type: string): string {
  if (/char|text|enum/i.test(type)) return "'1'";
  if (/date|time/i.test(type)) return "'2019-01-05'";
  return "1";
}

/** Updates, deletes and inserts the table's first row; tells how every table's number of rows changed by it. */
async function fire(connection: Connection, table: string, tables: readonly string[]): Promise<string> {
  const name = quoteName(table);
  const counts = async () => Promise.all(tables.map((one) => countRows(connection, one)));
  await connection.query("SET foreign_key_checks = 0");
  await connection.query(`CREATE TEMPORARY TABLE fired AS SELECT * FROM ${name} LIMIT 1`);
  const [row] = await ask(connection, "SELECT * FROM fired");
  const [key = ""] = Object.keys(row ?? {});
  await connection.query("START TRANSACTION");
  try {
    await connection.query(`UPDATE ${name} SET ${quoteName(key)} = ${quoteName(key)}`);
    const before = await counts();
    await connection.query(`DELETE FROM ${name} LIMIT 1`);
    const between = await counts();
    await connection.query(`INSERT INTO ${name} SELECT * FROM fired`);
    const after = await counts();
    const told = tables.map(
      (one, i) => `${one} ${Number(between[i]) - Number(before[i])} ${Number(after[i]) - Number(between[i])}`,
    );
    return told.filter((text) => !text.endsWith(" 0 0")).join(", ");
  } finally {
    await connection.query("ROLLBACK");
    await connection.query("DROP TEMPORARY TABLE fired");
    await connection.query("SET foreign_key_checks = 1");
  }
}

async function countRows(connection: Connection, table: string): Promise<string> {
  return String((await ask(connection, `SELECT COUNT(*) AS n FROM ${quoteName(table)}`))[0]?.["n"]);
}

async function routinesOf(connection: Connection, database: string): Promise<{ kind: string; name: string }[]> {
  const rows = await ask(
    connection,
    "SELECT routine_type AS kind, routine_name AS name FROM information_schema.routines WHERE routine_schema = ? ORDER BY 1, 2",
    [database],
  );
  return rows.map(({ kind, name }) => ({ kind: String(kind), name: String(name) }));
}

async function triggered(connection: Connection, database: string): Promise<string[]> {
  return [...new Set(await names(connection, "triggers", "event_object_table", "trigger_schema = ?", database))];
}

async function names(
  connection: Connection,
  of: string,
  column: string,
  where: string,
  database: string,
): Promise<string[]> {
  const rows = await ask(
    connection,
    `SELECT ${column} AS name FROM information_schema.${of} WHERE ${where} ORDER BY 1`,
    [database],
  );
  return rows.map(({ name }) => String(name));
}

async function ask(connection: Connection, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  return (await connection.query<RowDataPacket[]>(sql, values))[0];
}
