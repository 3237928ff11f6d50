// What a dump's tables need that not every server has: known before anything is imported, and without the source's server.
import { type Feature, typeFeature } from "../mysql/features.ts";
import type { InsertHead } from "./insert-head.ts";
import { rareModesIn } from "./sql-modes.ts";
import type { Statement } from "./statement.ts";
import { readTable, type TableElement } from "./table-elements.ts";
import { nameOf, type Token } from "./tokens.ts";

/** CURRENT_TIMESTAMP in the spellings of all servers: it has always been a default, and stands in no parentheses. */
export const NOW = new Set(["CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "NOW"]);

/**
 * The features of a statement, each with where it stands: `users.name`. What a CREATE TABLE has in versioned comments is
 * passed over by servers that do not know it, and is none.
 */
export function* featuresIn(statement: Statement): Generator<[Feature, place: string]> {
  const { kind, tokens, source, place } = statement;
  for (const mode of rareModesIn(statement)) yield [mode, `line ${place.line}`];
  const definition = kind === "CREATE TABLE" ? readTable(source, tokens) : undefined;
  if (!definition) return;
  const table = nameOf(definition.table);
  const engine = engineOf(definition.options);
  for (const element of definition.elements) {
    const own = within(tokens, element.start, element.end).filter(({ versioned }) => !versioned);
    const features = element.kind === "column" ? columnFeatures(own) : keyFeatures(own, engine);
    for (const feature of features) yield [feature, `${table}.${partName(element, own)}`];
  }
  if (engine === "ARIA") yield ["the engine `Aria`", table];
  if (engine === "MYISAM" && definition.options.some(({ keyword }) => keyword === "PARTITION"))
    yield ["partitions in MyISAM", table];
  if (definition.options.some(({ keyword, versioned }) => keyword === "VERSIONING" && !versioned))
    yield ["system versioning", table];
}

/** A table's generated columns. */
export interface Generated {
  readonly table: string;
  readonly columns: string[];
}

/** Those of a CREATE TABLE; undefined for other statements, and where there are none. */
export function generatedIn({ kind, tokens, source }: Statement): Generated | undefined {
  const definition = kind === "CREATE TABLE" ? readTable(source, tokens) : undefined;
  const columns = (definition?.elements ?? [])
    .filter(({ kind: part, start, end }) => part === "column" && isGenerated(within(tokens, start, end)))
    .flatMap((element) => element.columns);
  return definition && columns.length > 0 ? { table: nameOf(definition.table), columns } : undefined;
}

/**
 * The first generated column that an INSERT has values for. mysqldump leaves them out and names the others; mariadb-dump, and
 * every tool that is older than such columns, writes all. MySQL refuses them.
 */
export function generatedValue({ table, columns }: InsertHead, generated: Generated | undefined): string | undefined {
  if (generated?.table !== nameOf(table)) return undefined;
  const named = new Set(columns.map(nameOf));
  return generated.columns.find((column) => named.size === 0 || named.has(column));
}

function within(tokens: readonly Token[], from: number, to: number): Token[] {
  return tokens.filter(({ start, end }) => start >= from && end <= to);
}

function isGenerated(tokens: readonly Token[]): boolean {
  const outer = outside(tokens);
  return outer.some(({ keyword }, at) => keyword === "AS" && outer[at + 1]?.source === "(");
}

function* columnFeatures(tokens: readonly Token[]): Generator<Feature> {
  const type = typeFeature(tokens[1]?.keyword.toLowerCase() ?? "");
  if (type) yield type;
  const outer = outside(tokens);
  if (isGenerated(tokens)) yield "generated columns";
  if (outer.slice(1).some(({ keyword }) => keyword === "INVISIBLE")) yield "invisible columns";
  const value = outer.findIndex(({ keyword }, at) => at > 0 && keyword === "DEFAULT") + 1;
  if (value > 0 && isExpression(outer, value)) yield "expressions as defaults";
}

/** MariaDB writes a function's call without parentheses around it. */
function isExpression(tokens: readonly Token[], at: number): boolean {
  const [value, next] = [tokens[at], tokens[at + 1]];
  return value?.source === "(" || (value?.kind === "word" && next?.source === "(" && !NOW.has(value.keyword));
}

function* keyFeatures(tokens: readonly Token[], engine: string): Generator<Feature> {
  const first = tokens[0]?.keyword ?? "";
  if (first === "SPATIAL" && engine === "INNODB") yield "spatial keys in InnoDB";
  if (!["INDEX", "KEY", "UNIQUE"].includes(first)) return;
  if (tokens.some(({ source }, at) => source === "(" && tokens[at + 1]?.source === "(")) yield "keys over expressions";
  if (tokens.at(-1)?.keyword === "IGNORED") yield "keys that are ignored";
}

/** A column's name, or a key's. */
function partName({ kind, columns: [column = ""] }: TableElement, tokens: readonly Token[]): string {
  const named = kind === "column" ? undefined : tokens[tokens.findIndex(({ source }) => source === "(") - 1];
  return named ? nameOf(named) : column;
}

/** The tokens that stand in no parentheses, and those parentheses. */
function outside(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter(({ source }) => {
    if (source === ")") depth--;
    const isOuter = depth === 0;
    if (source === "(") depth++;
    return isOuter;
  });
}

function engineOf(options: readonly Token[]): string {
  const at = options.findIndex(({ keyword }) => keyword === "ENGINE");
  return (at === -1 ? "" : (options[at + 2]?.keyword ?? "")) || "INNODB";
}
