// Reads a database's schema from information_schema: tables, columns, keys, foreign keys. Names and types, no rows.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";

export interface Column {
  readonly name: string;
  /** `varchar`, `bigint`, …: DATA_TYPE in lower case; `json` also where MariaDB stores it as checked `longtext`. */
  readonly dataType: string;
  /** With length, signedness and members: `varchar(255)`, `int(11) unsigned`, `enum('a','b')`. */
  readonly columnType: string;
  readonly nullable: boolean;
  /** In characters, for text; in bytes, for binary types; null for others. */
  readonly maxCharacters: number | null;
  readonly maxBytes: number | null;
  readonly characterSet: string | null;
  readonly collation: string | null;
  /** Computed by the server, virtual or stored: can be neither set nor inserted. */
  readonly generated: boolean;
  /** What it is computed from, with the names of columns in backticks; absent where the server does not tell. */
  readonly expression?: string;
  readonly autoIncrement: boolean;
  /** Changes by itself when its row does. */
  readonly onUpdateNow: boolean;
  /** As information_schema writes it; null for none (or for NULL on MySQL). */
  readonly default: string | null;
  readonly comment: string;
}

export interface Key {
  /** `PRIMARY` for the primary key. */
  readonly name: string;
  readonly unique: boolean;
  readonly parts: readonly {
    readonly column: string;
    /** Characters or bytes of a prefix key. */ readonly prefix: number | null;
  }[];
}

/** A key of which a part is no column: `UNIQUE KEY (tenant, (LOWER(email)))`, since MySQL 8.0.13. */
export interface FunctionalKey extends Key {
  /** SQL of the parts that are no columns, as the server writes it: `` lower(`email`) ``. */
  readonly expressions: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly parentTable: string;
  readonly parentColumns: readonly string[];
  /** What becomes of a row whose parent is deleted; absent where the server then refuses to delete the parent. */
  readonly onDelete?: "cascade" | "set null";
}

export interface Table {
  readonly name: string;
  readonly engine: string;
  /** The server's estimate. */
  readonly estimatedRows: number;
  readonly columns: readonly Column[];
  /** The primary key first; those with a functional part are not here. */
  readonly keys: readonly Key[];
  /** Unique ones; absent where there are none. */
  readonly functionalKeys?: readonly FunctionalKey[];
  /** Those that this table holds. */
  readonly foreignKeys: readonly ForeignKey[];
  readonly comment?: string;
}

export interface Schema {
  readonly database: string;
  readonly tables: ReadonlyMap<string, Table>;
  readonly views: readonly string[];
}

type Row = Record<string, string | number | null>;

/** Those with rows. MariaDB calls a table so that keeps its rows' history. */
const TABLE_TYPES = ["BASE TABLE", "SYSTEM VERSIONED"];

/** Reads the schema of one database. Throws FatalError `DATABASE_MISSING` or `TABLE_TYPE_UNKNOWN`. */
export async function readSchema(session: ReadSession, database: string): Promise<Schema> {
  const exists = await session.query("SELECT 1 AS found FROM information_schema.schemata WHERE schema_name = ?", [
    database,
  ]);
  if (exists.length === 0) {
    throw new FatalError(
      "DATABASE_MISSING",
      `There is no database \`${database}\` on the ${session.role} instance, or the contract's user may not see it. Create it, or correct \`${session.role}.database\` in sync.yaml.`,
    );
  }
  const tables = await session.query<Row>(
    `SELECT table_name AS name, table_type AS type, engine AS engine, table_rows AS estimate,
       table_comment AS comment
     FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name`,
    [database],
  );
  const columns = groupByTable(await readColumns(session, database));
  const json = await readMariaDbJson(session, database);
  const keyParts = await readKeyParts(session, database);
  const keys = groupByTable(keyParts);
  const functional = await readFunctionalKeys(session, database, keyParts);
  const references = groupByTable(await readReferences(session, database));
  const actions = await readDeleteActions(session, database);
  const base = tables.filter((row) => TABLE_TYPES.includes(String(row["type"])));
  const other = tables.find((row) => row["type"] !== "VIEW" && !base.includes(row));
  if (other) throw unknownType(session, database, other);
  return {
    database,
    views: tables.filter((row) => row["type"] === "VIEW").map((row) => String(row["name"])),
    tables: new Map(
      base.map((row) => {
        const name = String(row["name"]);
        return [
          name,
          {
            name,
            engine: String(row["engine"] ?? ""),
            estimatedRows: Number(row["estimate"] ?? 0),
            columns: (columns.get(name) ?? [])
              .map(toColumn)
              .map((column) => (json.has(`${name}.${column.name}`) ? { ...column, dataType: "json" } : column)),
            keys: toKeys(keys.get(name) ?? []),
            ...(functional.has(name) && { functionalKeys: functional.get(name) ?? [] }),
            foreignKeys: toForeignKeys(name, references.get(name) ?? [], actions),
            ...(row["comment"] && { comment: String(row["comment"]) }),
          },
        ];
      }),
    ),
  };
}

/** What is passed over in silence would reach staging as it is. */
function unknownType({ role }: ReadSession, database: string, { name, type }: Row): FatalError {
  return new FatalError(
    "TABLE_TYPE_UNKNOWN",
    `\`${name}\` in \`${database}\` on the ${role} instance is a ${String(type).toLowerCase()}: neither a table nor a view, so it is not known how to copy it. Drop it, or move it to another database, then request a new run.`,
  );
}

/** The primary key's columns, in key order; empty where the table has none. */
export function primaryKey(table: Table): readonly string[] {
  return table.keys.find((key) => key.name === "PRIMARY")?.parts.map((part) => part.column) ?? [];
}

async function readColumns(session: ReadSession, database: string): Promise<Row[]> {
  const expression = (await tellsExpressions(session)) ? "generation_expression" : "NULL";
  return session.query<Row>(
    `SELECT table_name AS tableName, column_name AS name, data_type AS dataType, column_type AS columnType,
       is_nullable AS nullable, character_maximum_length AS characters, character_octet_length AS bytes,
       character_set_name AS characterSet, collation_name AS collation, extra AS extra, column_default AS def,
       column_comment AS comment, ${expression} AS expression
     FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, ordinal_position`,
    [database],
  );
}

/** MySQL 5.6 has no generated columns, and so nothing to tell. */
async function tellsExpressions(session: ReadSession): Promise<boolean> {
  const found = await session.query(
    `SELECT 1 AS found FROM information_schema.columns WHERE table_schema = 'information_schema'
     AND table_name = 'COLUMNS' AND column_name = 'GENERATION_EXPRESSION'`,
  );
  return found.length > 0;
}

/**
 * MariaDB stores JSON as `longtext` that a CHECK constraint holds to JSON. Returns `table.column` of each.
 * https://mariadb.com/kb/en/json-data-type/
 */
async function readMariaDbJson(session: ReadSession, database: string): Promise<Set<string>> {
  const [server] = await session.query<{ version: string }>("SELECT VERSION() AS version");
  if (!server?.version.includes("MariaDB")) return new Set();
  const rows = await session.query<{ tableName: string; clause: string }>(
    `SELECT table_name AS tableName, check_clause AS clause FROM information_schema.check_constraints
     WHERE constraint_schema = ? AND check_clause LIKE '%json_valid(%'`,
    [database],
  );
  return new Set(
    rows.flatMap(({ tableName, clause }) =>
      [...clause.matchAll(/json_valid\(`((?:[^`]|``)+)`\)/gi)].map(
        ([, column]) => `${tableName}.${(column ?? "").replaceAll("``", "`")}`,
      ),
    ),
  );
}

function readKeyParts(session: ReadSession, database: string): Promise<Row[]> {
  return session.query<Row>(
    `SELECT table_name AS tableName, index_name AS name, non_unique AS nonUnique, column_name AS col, sub_part AS prefix
     FROM information_schema.statistics WHERE table_schema = ?
     ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index`,
    [database],
  );
}

/** Unique ones by table. Asked only where there are some: MariaDB and older servers lack the catalogue's column. */
async function readFunctionalKeys(
  session: ReadSession,
  database: string,
  keyParts: readonly Row[],
): Promise<Map<string, FunctionalKey[]>> {
  const functional = keyParts.filter((part) => part["col"] === null && Number(part["nonUnique"]) === 0);
  if (functional.length === 0) return new Map();
  const expressions = await session.query<Row>(
    `SELECT table_name AS tableName, index_name AS name, expression AS expression FROM information_schema.statistics
     WHERE table_schema = ? AND expression IS NOT NULL ORDER BY index_name, seq_in_index`,
    [database],
  );
  const isOf = (part: Row) => (row: Row) => row["tableName"] === part["tableName"] && row["name"] === part["name"];
  const first = functional.filter((part, i) => functional.findIndex(isOf(part)) === i);
  const keysOf = (parts: readonly Row[]) =>
    parts.map((part) => ({
      name: String(part["name"]),
      unique: true,
      parts: toParts(keyParts.filter(isOf(part)).filter(({ col }) => col !== null)),
      expressions: expressions.filter(isOf(part)).map(({ expression }) => String(expression)),
    }));
  return new Map([...groupByTable(first)].map(([table, parts]) => [table, keysOf(parts)]));
}

function readReferences(session: ReadSession, database: string): Promise<Row[]> {
  return session.query<Row>(
    `SELECT table_name AS tableName, constraint_name AS name, column_name AS col,
       referenced_table_name AS parentTable, referenced_column_name AS parentColumn
     FROM information_schema.key_column_usage
     WHERE table_schema = ? AND referenced_table_schema = table_schema AND referenced_table_name IS NOT NULL
     ORDER BY table_name, constraint_name, ordinal_position`,
    [database],
  );
}

/** By table and constraint: a name is a table's own. */
async function readDeleteActions(session: ReadSession, database: string): Promise<Map<string, ForeignKey["onDelete"]>> {
  const rows = await session.query<Row>(
    `SELECT table_name AS tableName, constraint_name AS name, delete_rule AS action
     FROM information_schema.referential_constraints
     WHERE constraint_schema = ? AND delete_rule IN ('CASCADE', 'SET NULL')`,
    [database],
  );
  return new Map(
    rows.map((row) => [`${row["tableName"]}.${row["name"]}`, row["action"] === "CASCADE" ? "cascade" : "set null"]),
  );
}

function toColumn(row: Row): Column {
  const extra = String(row["extra"] ?? "").toLowerCase();
  const number = (value: string | number | null | undefined) => (value == null ? null : Number(value));
  return {
    name: String(row["name"]),
    dataType: String(row["dataType"]).toLowerCase(),
    columnType: String(row["columnType"]),
    nullable: row["nullable"] === "YES",
    maxCharacters: number(row["characters"]),
    maxBytes: number(row["bytes"]),
    characterSet: row["characterSet"] as string | null,
    collation: row["collation"] as string | null,
    // "VIRTUAL GENERATED", "STORED GENERATED"; MySQL's DEFAULT_GENERATED is only an expression as default.
    generated: /\b(virtual|stored|persistent)( generated)?\b/.test(extra),
    ...(row["expression"] && { expression: String(row["expression"]) }),
    autoIncrement: extra.includes("auto_increment"),
    onUpdateNow: extra.includes("on update"),
    default: row["def"] as string | null,
    comment: String(row["comment"] ?? ""),
  };
}

function toKeys(rows: readonly Row[]): Key[] {
  return [...Map.groupBy(rows, (row) => String(row["name"]))]
    .filter(([, parts]) => parts.every((part) => part["col"] !== null))
    .map(([name, parts]) => ({
      name,
      unique: Number(parts[0]?.["nonUnique"]) === 0,
      parts: toParts(parts),
    }));
}

function toParts(rows: readonly Row[]): Key["parts"] {
  return rows.map(({ col, prefix }) => ({ column: String(col), prefix: prefix == null ? null : Number(prefix) }));
}

function toForeignKeys(
  table: string,
  rows: readonly Row[],
  actions: ReadonlyMap<string, ForeignKey["onDelete"]>,
): ForeignKey[] {
  return [...Map.groupBy(rows, (row) => String(row["name"]))].map(([name, parts]) => {
    const onDelete = actions.get(`${table}.${name}`);
    return {
      name,
      table,
      columns: parts.map((part) => String(part["col"])),
      parentTable: String(parts[0]?.["parentTable"]),
      parentColumns: parts.map((part) => String(part["parentColumn"])),
      ...(onDelete && { onDelete }),
    };
  });
}

function groupByTable(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, (row) => String(row["tableName"]));
}
