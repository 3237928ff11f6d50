// Whether a server can hold another's tables: asked of both before anything is loaded, so that what is missing has a name.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { knowsCollation, orMap } from "./collations.ts";
import { atPlaces, describeServer, type Feature, lacks, type Server, typeFeature } from "./features.ts";
import { refuseFolding } from "./table-names.ts";
import { viewsLackingTimeZones } from "./time-zones.ts";

/** CURRENT_TIMESTAMP in the spellings of all servers; an expression that has always been a default. */
const NOW = /^(?:current_timestamp|now|localtime(?:stamp)?)(?:\(\d*\))?$/i;

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
  readonly extra: string;
  readonly default: string | null;
}

interface Key {
  readonly place: string;
  readonly feature: Feature;
}

/**
 * Compares a database with the server that is to load its dump: types, generated columns, defaults, keys, collations.
 *
 * @param from a session on the server that has the database
 * @param to a session on the server that is to have it too
 * @param collations those that become others on the way, as the contract maps them
 * @throws FatalError `SCHEMA_DOES_NOT_FIT` naming what the server lacks and the columns that need it
 */
export async function checkFits(
  from: ReadSession,
  database: string,
  to: ReadSession,
  collations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const target = await describeServer(to);
  // Two queries and no join: servers before 8.0 would open every table for each row of it.
  const tables = await readTables(from, database);
  await refuseFolding(to, [...tables.keys()]);
  const columns = (await readColumns(from, database)).filter(({ table }) => tables.has(table));
  const unknown = await lackingCollations(tables, columns, to, collations);
  const views = await viewsLackingTimeZones(from, database, to);
  const lacking = [
    ...(views.length > 0 ? [atPlaces("time zones by name, which `mysql_tzinfo_to_sql` loads", views)] : []),
    ...lackingFeatures(columns, await readKeys(from, database), await describeServer(from), target),
    ...[...unknown].map(([name, places]) => atPlaces(`the collation \`${name}\``, places)),
  ];
  if (lacking.length === 0) return;
  throw new FatalError(
    "SCHEMA_DOES_NOT_FIT",
    `The ${to.role} server (${target.flavour} ${target.version.join(".")}) cannot hold the tables of \`${database}\` on ${from.role}: it lacks ${lacking.join("; ")}. Give ${to.role} a server like ${from.role}'s, or change those columns${orMap([...unknown.keys()])}, then request a new run.`,
  );
}

function lackingFeatures(columns: readonly Column[], keys: readonly Key[], source: Server, target: Server): string[] {
  const places = new Map<Feature, string[]>();
  const need = (feature: Feature, place: string) => {
    if (lacks(target, feature)) places.set(feature, [...(places.get(feature) ?? []), place]);
  };
  for (const column of columns) {
    const place = placeOf(column);
    const type = typeFeature(column.type);
    if (type) need(type, place);
    // MySQL writes them in a comment that other servers pass over.
    if (source.flavour === "MariaDB" && /\bINVISIBLE\b/i.test(column.extra)) need("invisible columns", place);
    if (/\b(?:VIRTUAL|STORED|PERSISTENT)\b/i.test(column.extra)) need("generated columns", place);
    else if (hasExpressionDefault(column, source)) need("expressions as defaults", place);
  }
  for (const { place, feature } of keys) need(feature, place);
  return [...places].map(([feature, where]) => atPlaces(feature, where));
}

/** MySQL marks it; MariaDB, since 10.2.7, puts literals in quotes. */
function hasExpressionDefault({ extra, default: text }: Column, { flavour }: Server): boolean {
  if (text === null || NOW.test(text)) return false;
  if (flavour === "MySQL") return /\bDEFAULT_GENERATED\b/.test(extra);
  return !/^(?:[bx]?'|NULL$|-?[\d.])/i.test(text);
}

/** What the server lacks, with the tables and columns that have it. */
async function lackingCollations(
  tables: ReadonlyMap<string, string>,
  columns: readonly Column[],
  to: ReadSession,
  mapped: Readonly<Record<string, string>>,
): Promise<Map<string, string[]>> {
  const used = [
    ...columns.flatMap((column) =>
      column.collation === null ? [] : { name: column.collation, place: placeOf(column) },
    ),
    ...[...tables].map(([place, name]) => ({ name, place })),
  ].map(({ name, place }) => ({ name: mapped[name] ?? name, place }));
  const lacking = new Map<string, string[]>();
  for (const [name, uses] of Map.groupBy(used, (use) => use.name)) {
    if (!(await knowsCollation(to, name)))
      lacking.set(
        name,
        uses.map(({ place }) => place),
      );
  }
  return lacking;
}

function placeOf({ table, name }: Column): string {
  return `${table}.${name}`;
}

/** Each table's default collation. */
async function readTables(session: ReadSession, database: string): Promise<Map<string, string>> {
  const rows = await session.query<{ name: string; collation: string }>(
    `SELECT table_name AS name, table_collation AS collation FROM information_schema.tables
     WHERE table_schema = ? AND table_type <> 'VIEW' AND table_collation IS NOT NULL`,
    [database],
  );
  return new Map(rows.map(({ name, collation }) => [name, collation]));
}

function readColumns(session: ReadSession, database: string): Promise<Column[]> {
  return session.query(
    `SELECT table_name AS \`table\`, column_name AS name, LOWER(data_type) AS type, collation_name AS collation,
       extra AS extra, column_default AS \`default\`
     FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, ordinal_position`,
    [database],
  );
}

/** Keys that not every server can have. */
async function readKeys(session: ReadSession, database: string): Promise<Key[]> {
  const rows = await session.query<{ table: string; name: string; type: string; column: string | null }>(
    `SELECT table_name AS \`table\`, index_name AS name, index_type AS type, column_name AS \`column\`
     FROM information_schema.statistics WHERE table_schema = ? AND (column_name IS NULL OR index_type = 'SPATIAL')`,
    [database],
  );
  if (rows.length === 0) return [];
  const tables = await session.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND engine = 'InnoDB'",
    [database],
  );
  const inInnoDb = new Set(tables.map(({ name }) => name));
  const keys = new Map<string, Key>();
  for (const { table, name, type, column } of rows) {
    const place = `${table}.${name}`;
    if (column === null) keys.set(place, { place, feature: "keys over expressions" });
    else if (type === "SPATIAL" && inInnoDb.has(table)) keys.set(place, { place, feature: "spatial keys in InnoDB" });
  }
  return [...keys.values()];
}
