// Rows for any schema: made from its column types and keys alone, the same in every run.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { quoteName, quoteNames } from "../../handlers/mysql/identifiers.ts";
import type { Column, Schema, Table } from "../../handlers/mysql/schema.ts";

type Value = string | number | Buffer | null;
type Row = Record<string, Value>;

const WORDS = ["Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Haven"];
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2019, 0, 1);
/** Steps through a parent's rows that differ, so that a table between two parents gets other pairs. */
const STRIDES = [1, 3, 7, 11, 13];
/** What no generator needs to know exactly: in range for every column of the type. */
const LARGEST_TINY = 120;

/** Fills the tables that are empty. Rows that would break a unique key are left out, so some tables get fewer. */
export async function fillEmptyTables(connection: Connection, schema: Schema, count: number): Promise<void> {
  const rows = new Map<string, Row[]>();
  const filled = new Set<string>();
  for (const table of schema.tables.values()) {
    const [found] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${quoteName(table.name)}`);
    if (found.length > 0) filled.add(table.name);
    rows.set(table.name, found.length > 0 ? found : Array.from({ length: count }, (_, i) => rowOf(table, i)));
  }
  for (const table of parentsFirst(schema)) {
    if (!filled.has(table.name)) rows.set(table.name, withParents(table, rows));
  }
  await connection.query("SET foreign_key_checks = 0");
  for (const table of schema.tables.values()) {
    const made = filled.has(table.name) ? [] : (rows.get(table.name) ?? []);
    const columns = table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
    const insert = `INSERT INTO ${quoteName(table.name)} (${quoteNames(columns)}) VALUES ?`;
    if (made.length > 0) await connection.query(insert, [made.map((row) => columns.map((name) => row[name]))]);
  }
  await connection.query("SET foreign_key_checks = 1");
}

/** The table's rows with keys of its parents' rows, without those that clash. */
function withParents(table: Table, rows: ReadonlyMap<string, Row[]>): Row[] {
  const seen = table.keys.filter(({ unique }) => unique).map((key) => ({ key, values: new Set<string>() }));
  return (rows.get(table.name) ?? []).filter((row, i) => {
    for (const [at, { columns, parentTable, parentColumns }] of table.foreignKeys.entries()) {
      const parents = rows.get(parentTable) ?? [];
      const parent = parents[(i * (STRIDES[at] ?? 1) + at) % Math.max(1, parents.length)];
      for (const [k, column] of columns.entries()) row[column] = parent?.[parentColumns[k] ?? ""] ?? null;
    }
    const tuples = seen.map(({ key }) =>
      JSON.stringify(
        key.parts.map(({ column, prefix }) =>
          String(row[column])
            .toLowerCase()
            .slice(0, prefix ?? undefined),
        ),
      ),
    );
    if (seen.some(({ values }, k) => values.has(tuples[k] ?? ""))) return false;
    for (const [k, { values }] of seen.entries()) values.add(tuples[k] ?? "");
    return true;
  });
}

/** Each table behind those that it refers to, where that is possible. */
function parentsFirst({ tables }: Schema): Table[] {
  const order = new Set<Table>();
  const met = new Set<string>();
  const visit = (table: Table | undefined) => {
    if (!table || met.has(table.name)) return;
    met.add(table.name);
    for (const { parentTable } of table.foreignKeys) visit(tables.get(parentTable));
    order.add(table);
  };
  for (const table of tables.values()) visit(table);
  return [...order];
}

function rowOf({ columns }: Table, i: number): Row {
  return Object.fromEntries(
    columns.filter(({ generated }) => !generated).map((column) => [column.name, valueOf(column, i)]),
  );
}

function valueOf({ name, dataType, columnType, maxCharacters, nullable }: Column, i: number): Value {
  const day = new Date(FIRST_DAY + i * DAY_MS).toISOString();
  const members = [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map(([, member = ""]) => member.replaceAll("''", "'"));
  switch (dataType) {
    case "tinyint":
      return columnType.startsWith("tinyint(1)") ? i % 2 : 1 + (i % LARGEST_TINY);
    case "bit":
      return 1;
    case "year":
      return 1990 + (i % 30);
    case "decimal":
    case "float":
    case "double":
      return (i % 9) + 0.5;
    case "date":
      return day.slice(0, 10);
    case "datetime":
    case "timestamp":
      return `${day.slice(0, 10)} 12:30:00`;
    case "time":
      return "12:30:00";
    case "enum":
    case "set":
      return members[i % members.length] ?? "";
    case "json":
      return `{"n": ${i}}`;
    case "point":
    case "geometry":
      // As servers store it: its SRID, then well-known binary.
      return Buffer.from("0000000001010000000000000000002440000000000000F03F", "hex");
  }
  if (/blob|binary/.test(dataType)) return nullable ? Buffer.from([0, 0x27, 0x5c, i]) : Buffer.alloc(1, i);
  if (/char|text/.test(dataType)) return textOf(name, i).slice(0, maxCharacters ?? undefined);
  return i + 1;
}

function textOf(name: string, i: number): string {
  if (/mail/i.test(name)) return `p${i}@example.org`;
  if (/phone|fax/i.test(name)) return `+1 555 01${String(i).padStart(4, "0")}`;
  return `${i}${WORDS[i % WORDS.length]} ${name.replaceAll("_", " ")}`;
}
