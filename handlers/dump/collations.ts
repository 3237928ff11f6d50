// Collations on a server that has other ones than the dump's.
import { applyEdits, type Edit, type Statement } from "./statement.ts";
import { readTable } from "./table-elements.ts";
import { nameOf, type Token, tokenize } from "./tokens.ts";

/** Collations that become others, by their names in lower case. */
export interface CollationMap {
  readonly collations?: Readonly<Record<string, string>>;
}

/** What `utf8mb4` alone means in a dump. */
const COLLATION = "utf8mb4_general_ci";

/**
 * Spells out the collation where a table or a column has `utf8mb4` without one.
 *
 * That is how MySQL up to 5.7 and MariaDB up to 10.11 write their default, utf8mb4_general_ci. On MySQL 8 and MariaDB 11
 * the same words would mean another collation, by which other values are equal in unique keys and joins; these servers
 * always name theirs. https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_default_collation_for_utf8mb4
 */
export function spellOutCollations({ kind, tokens }: Statement): Edit[] {
  if (kind !== "CREATE TABLE") return [];
  let depth = 0;
  return tokens.flatMap(({ keyword, source, end }, at) => {
    if (source === "(") depth++;
    if (source === ")") depth--;
    // Columns are one deep and the table's options none; deeper are expressions, such as CAST(… AS CHAR CHARSET utf8mb4).
    if (depth > 1 || keyword !== "UTF8MB4" || tokens[at + 1]?.keyword === "COLLATE") return [];
    const before = tokens[at - 1]?.source === "=" ? tokens[at - 2] : tokens[at - 1];
    return ["CHARSET", "SET"].includes(before?.keyword ?? "")
      ? [{ start: end, end, text: ` COLLATE ${COLLATION}` }]
      : [];
  });
}

/**
 * What the source's database gives to tables and routines that name no collation, as it is after mapping: the rewritten
 * dump does not make the database, and whoever does needs it.
 *
 * @returns a collation, or a character set without one; undefined for statements that are no CREATE DATABASE
 */
export function databaseCollation({ kind, tokens }: Statement, options: CollationMap): string | undefined {
  if (!/^CREATE (?:DATABASE|SCHEMA)$/.test(kind)) return undefined;
  const named = tokens.find((_token, at) => namesCollation(tokens, at) || namesCharacterSet(tokens, at));
  if (named === undefined) return undefined;
  const name = nameOf(named).toLowerCase();
  const collation = name === "utf8mb4" ? COLLATION : name;
  return Object.hasOwn(options.collations ?? {}, collation) ? options.collations?.[collation] : collation;
}

/** Collations of one kind of server, and a comment that only servers run which have them. */
const SERVERS_OWN = [
  { name: /^UTF8MB4_(?:\w+_)?0900_/, opening: "/*!80000" }, // MariaDB passes over the versions 50700 to 99999
  { name: /_UCA1400_/, opening: "/*M!101000" },
] as const;

/**
 * Lets servers pass over the `collation_connection` of a view or trigger where they do not have that collation.
 *
 * It is the one in which texts in its definition are compared with each other; columns are compared in their own.
 * https://mariadb.com/kb/en/comment-syntax/
 */
export function guardConnectionCollation({ kind, tokens, source }: Statement, options: CollationMap): Edit[] {
  const [, variable, , value] = tokens;
  if (kind !== "SET" || tokens.length !== 4 || variable?.keyword !== "COLLATION_CONNECTION" || !value) return [];
  if (mappedTo(value, options) !== undefined) return [];
  const guard = SERVERS_OWN.find(({ name }) => name.test(value.keyword));
  if (!guard) return [];
  return [{ start: 0, end: source.length, text: `${guard.opening} SET collation_connection = ${value.source} */` }];
}

/** Puts another collation in a collation's place, in tables, views and stored objects, as the contract maps it. */
export function mapCollations({ tokens }: Pick<Statement, "tokens">, options: CollationMap): Edit[] {
  return tokens.flatMap((token, at) => {
    const to = namesCollation(tokens, at) ? mappedTo(token, options) : undefined;
    return to === undefined ? [] : [{ start: token.start, end: token.end, text: to }];
  });
}

/**
 * The collations that a statement names, as they are after mapping, and the character sets that it names without one.
 *
 * @returns each with where it stands: `` `users.name` ``, or `a CREATE VIEW statement at line 12`
 */
export function* collationsIn(
  { kind, tokens, source, place }: Statement,
  options: CollationMap,
): Generator<[name: string, place: string], void, undefined> {
  if (kind === "SET" || kind === "") return;
  const table = kind === "CREATE TABLE" ? readTable(source, tokens) : undefined;
  for (const [at, token] of tokens.entries()) {
    const isCollation = namesCollation(tokens, at);
    if (!isCollation && !(table && namesCharacterSet(tokens, at))) continue;
    const element = table?.elements.find(({ start, end }) => start <= token.start && token.end <= end);
    const path = table && [nameOf(table.table), ...(element?.kind === "column" ? element.columns : [])];
    const where = path ? `\`${path.join(".")}\`` : `a ${kind} statement at line ${place.line}`;
    yield [mappedTo(token, options) ?? nameOf(token).toLowerCase(), where];
  }
}

function namesCollation(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.source === "=" ? at - 2 : at - 1;
  return isValue(tokens[at]) && ["COLLATE", "COLLATION_CONNECTION"].includes(tokens[before]?.keyword ?? "");
}

/** `CHARACTER SET x` and `CHARSET=x` with no COLLATE behind it. */
function namesCharacterSet(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.source === "=" ? at - 2 : at - 1;
  const word = tokens[before]?.keyword;
  const isNamed = word === "CHARSET" || (word === "SET" && tokens[before - 1]?.keyword === "CHARACTER");
  return isNamed && isValue(tokens[at]) && tokens[at + 1]?.keyword !== "COLLATE";
}

function isValue(token: Token | undefined): boolean {
  return token !== undefined && token.kind !== "symbol" && token.kind !== "variable";
}

function mappedTo(token: Token, { collations = {} }: CollationMap): string | undefined {
  return Object.hasOwn(collations, nameOf(token).toLowerCase()) ? collations[nameOf(token).toLowerCase()] : undefined;
}

/**
 * A function with what it returns in this collation, or, for undefined, in its database's default one. Servers spell the
 * character set out there, whether its author did or not, and the collation not always.
 *
 * @param sql as SHOW CREATE FUNCTION gives it
 */
export function returningIn(sql: string, collation: string | undefined, backslashEscapes: boolean): string {
  const source = Buffer.from(sql, "utf8").toString("latin1");
  const tokens = [...tokenize(source, backslashEscapes)];
  const at = returnedCharacterSet(tokens);
  if (at === undefined) return sql;
  const last = tokens[at + 2]?.keyword === "COLLATE" ? at + 3 : at + 1;
  const text = collation === undefined ? "" : `CHARSET ${collation.split("_", 1)[0]} COLLATE ${collation}`;
  const edit = { start: tokens[at]!.start, end: tokens[last]!.end, text };
  return Buffer.from(applyEdits(source, [edit]), "latin1").toString("utf8");
}

/** Where `CHARSET` stands behind the type that a function returns: `RETURNS varchar(40) CHARSET utf8mb4`. */
function returnedCharacterSet(tokens: readonly Token[]): number | undefined {
  let depth = 0;
  const returns = tokens.findIndex(({ source, keyword }) => {
    if (source === "(") depth++;
    if (source === ")") depth--;
    return depth === 0 && keyword === "RETURNS";
  });
  const length =
    tokens[returns + 2]?.source === "(" ? tokens.slice(returns).findIndex(({ source }) => source === ")") : 1;
  const at = returns + length + 1;
  return returns !== -1 && tokens[at]?.keyword === "CHARSET" ? at : undefined;
}
