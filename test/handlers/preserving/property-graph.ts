// A random schema whose tables refer to each other in every way: what the property test of preserving is about.
import type { GeneratorValue } from "fast-check";
import fc from "fast-check";
import type { OnMatch } from "../../../contracts/sync-contract.ts";

export interface GraphColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** A foreign key of the schema, or where `place` says so, a reference that only the contract declares. */
export interface GraphReference {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  /** How ids stand in the column: as its value, in `{"refs": […]}`, or as `/parent/ID/` in a text. */
  readonly place?: "value" | "document" | "text";
  /** It refers only in rows that have this type. */
  readonly when?: { readonly column: string; readonly value: string };
}

export interface GraphTable {
  readonly name: string;
  /** The primary key's columns; empty: there is none. */
  readonly key: readonly string[];
  /** The one of them that may be given anew: a number or UUID, alone or beside a parent's key. */
  readonly id: string | null;
  readonly columns: readonly GraphColumn[];
  readonly references: readonly GraphReference[];
  readonly unique: readonly (readonly string[])[];
  readonly counts: boolean;
}

/** Rows of that table are production's by their `code`. */
export interface GraphMatch {
  readonly table: string;
  readonly onMatch: OnMatch;
}

/** What can stand in `id`. */
export const INTEGERS = ["TINYINT", "SMALLINT UNSIGNED", "MEDIUMINT", "INT UNSIGNED", "BIGINT", "BIGINT UNSIGNED"];
export const UUID_TEXT = "CHAR(36) CHARACTER SET ascii";
export const UUID_BYTES = "BINARY(16)";

const TEXT_ID = "VARCHAR(60) CHARACTER SET utf8mb4";

export type Random = ReturnType<typeof randomly>;

export function randomly(draw: GeneratorValue) {
  const between = (min: number, max: number) => draw(fc.integer, { min, max });
  return {
    between,
    chance: (percent: number) => between(1, 100) > 100 - percent,
    of: <T>(list: readonly T[]): T | undefined => list[between(0, Math.max(0, list.length - 1))],
  };
}

/** The tables refer to each other in any direction, and every one hangs on one before it. The rule is about the first. */
export function drawTables(random: Random): GraphTable[] {
  const tables: GraphTable[] = [];
  for (let i = random.between(2, 5); i > 0; i--) tables.push(drawTable(random, tables));
  const linked = tables.map((table, i) => withForeignKeys(random, table, tables, i));
  return linked.map((table) => withDeclared(random, table, linked));
}

/** Some rows of one table have what production's have, and the table gets the column that tells. */
export function drawMatch(random: Random, tables: readonly GraphTable[]): [readonly GraphTable[], GraphMatch | null] {
  const table = random.chance(60) ? random.of(tables) : undefined;
  if (!table) return [tables, null];
  const kinds: OnMatch[] = [
    { kind: "fail" },
    { kind: "keep-production" },
    { kind: "rename", pattern: "{value}+" },
    ...(table.key.length > 0 ? [{ kind: "overwrite" } as const] : []),
  ];
  const code = { name: "code", type: "VARCHAR(20) CHARACTER SET utf8mb4", nullable: false };
  const grown = { ...table, columns: [...table.columns, code], unique: [...table.unique, [code.name]] };
  const onMatch = random.of(kinds) ?? { kind: "fail" };
  return [tables.map((other) => (other === table ? grown : other)), { table: table.name, onMatch }];
}

/** A table with its key, and the references that are part of it. */
function drawTable(random: Random, before: readonly GraphTable[]): GraphTable {
  const name = `t${before.length}`;
  const keyed = before.filter(({ key }) => key.length > 0);
  const parent = random.of(keyed);
  const label = { name: "label", type: "VARCHAR(20)", nullable: false };
  const empty = { name, id: null, references: [], unique: [], counts: false };
  if (!parent || random.chance(40)) {
    const integer = random.chance(60);
    const type = random.of(integer ? INTEGERS : [UUID_TEXT, UUID_BYTES]) ?? "INT";
    const demo = before.length === 0 ? [{ name: "demo", type: "TINYINT", nullable: false }] : [];
    const columns = [{ name: "id", type, nullable: false }, label, ...demo];
    return { ...empty, key: ["id"], id: "id", columns, counts: integer && random.chance(50) };
  }
  const kind = random.of(["owned", "extension", "link", "natural", "none"] as const);
  const nr = { name: "nr", type: "SMALLINT", nullable: false };
  if (kind === "natural") return { ...empty, key: ["nr", "nr2"], columns: [nr, { ...nr, name: "nr2" }, label] };
  if (kind === "none") return { ...empty, key: [], columns: [label] };
  const parents = kind === "link" ? [parent, random.of(keyed) ?? parent] : [parent];
  const references = parents.map((to, i) => referenceTo(to, `p${i}`));
  const columns = parents.flatMap((to, i) => columnsFor(references[i], to, false));
  const own = kind === "owned" ? [nr] : [];
  const key = [...columns, ...own].map((column) => column.name);
  return { ...empty, key, id: kind === "owned" ? nr.name : null, columns: [...columns, ...own, label], references };
}

/** With further foreign keys to any table, its own and later ones among them, and perhaps a unique key. */
function withForeignKeys(random: Random, table: GraphTable, tables: readonly GraphTable[], i: number): GraphTable {
  const keyed = tables.filter(({ key }) => key.length > 0);
  const first =
    i > 0 && table.references.length === 0 ? [random.of(keyed.filter((other) => tables.indexOf(other) < i))] : [];
  const parents = [...first, ...Array.from({ length: random.between(0, 2) }, () => random.of(keyed))];
  const more = parents.flatMap((parent, k) => (parent ? [{ parent, reference: referenceTo(parent, `r${k}`) }] : []));
  const columns = more.flatMap(({ parent, reference }) => columnsFor(reference, parent, random.chance(60)));
  const references = [...table.references, ...more.map(({ reference }) => reference)];
  const value = { name: "value", type: "INT", nullable: true };
  const scope = random.chance(50) ? (references[0]?.columns ?? []) : [];
  const unique = random.chance(40) ? [[...scope, value.name]] : [];
  return { ...table, columns: [...table.columns, ...columns, value], references, unique };
}

/** With references that no schema declares: plain, by a type beside them, inside a document, inside a text. */
function withDeclared(random: Random, table: GraphTable, tables: readonly GraphTable[]): GraphTable {
  const parents = tables.filter(({ key }) => key.length === 1);
  const drawn = Array.from({ length: random.between(0, 2) }, (_, n) => {
    const some = [random.of(parents), random.of(parents)].flatMap((parent) => parent ?? []);
    return drawDeclared(random, `d${n}`, some);
  });
  return {
    ...table,
    columns: [...table.columns, ...drawn.flatMap(({ columns }) => columns)],
    references: [...table.references, ...drawn.flatMap(({ references }) => references)],
  };
}

function drawDeclared(
  random: Random,
  name: string,
  parents: readonly GraphTable[],
): Pick<GraphTable, "columns" | "references"> {
  const [parent, other] = parents;
  if (!parent || !other) return { columns: [], references: [] };
  const to = ({ name: of, key }: GraphTable) => ({ columns: [name], parent: of, parentColumns: key });
  const column = (type: string) => ({ name, type, nullable: true });
  const forms = ["plain", "value", "typed", "document", "text"] as const;
  const form = (keyType(parent) !== UUID_BYTES && random.of(forms)) || "plain";
  if (form === "plain")
    return { columns: [column(keyType(parent))], references: [{ ...to(parent), place: "value" as const }] };
  if (form === "value") return { columns: [column(TEXT_ID)], references: [{ ...to(parent), place: form }] };
  if (form !== "typed") return { columns: [column("LONGTEXT")], references: [{ ...to(parent), place: form }] };
  const types = [parent, ...(keyType(other) === UUID_BYTES || other === parent ? [] : [other])];
  const areNumbers = types.every((table) => INTEGERS.includes(keyType(table)));
  return {
    columns: [column(areNumbers ? "BIGINT" : TEXT_ID), { name: `${name}_type`, type: "VARCHAR(9)", nullable: false }],
    references: types.map((table) => ({
      ...{ ...to(table), place: "value" as const },
      when: { column: `${name}_type`, value: table.name },
    })),
  };
}

export function keyType({ columns, key: [first] }: GraphTable): string {
  return columns.find(({ name }) => name === first)?.type ?? "";
}

function referenceTo(parent: GraphTable, prefix: string): GraphReference {
  return { columns: parent.key.map((_, k) => `${prefix}_${k}`), parent: parent.name, parentColumns: parent.key };
}

function columnsFor(reference: GraphReference | undefined, parent: GraphTable, nullable: boolean): GraphColumn[] {
  return (reference?.columns ?? []).map((name, k) => {
    const type = parent.columns.find((column) => column.name === parent.key[k])?.type ?? "INT";
    return { name, type, nullable };
  });
}

/** As sync.yaml has it. */
export function lineOf(table: GraphTable, { columns, parent, parentColumns, place, when }: GraphReference): string {
  const [path, text] = [
    place === "document" ? ".$.refs[*]" : "",
    place === "text" ? ` containing '/${parent}/{id}/'` : "",
  ];
  const type = when ? ` when ${table.name}.${when.column} = '${when.value}'` : "";
  return `${table.name}.${columns.join()}${path}${text} → ${parent}.${parentColumns.join()}${type}`;
}
