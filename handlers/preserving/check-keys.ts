// Whether the rows to preserve can stand beside production's under each unique key of the copy.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { hasFate, isCarried } from "./fate.ts";
import { found, type Finding } from "./findings.ts";
import { count, type Merging } from "./merging.ts";
import type { PlannedKey, PlannedTable } from "./preserve-plan.ts";
import { isRowOf } from "./proof/row-of.ts";
import { valueInCopy } from "./workspace.ts";

/** As the key compares: under the copy's collation, by the key's prefix; NULLs never clash. */
export async function checkKey(context: Merging, table: PlannedTable, key: PlannedKey): Promise<Finding[]> {
  const rows = context.workspace.rows(table.name);
  const values = key.parts.map(({ column, prefix }) => cut(valueInCopy(table, column, "s"), prefix));
  const existing = existingValues(context, table, key);
  const equal = existing.values.map((value, i) => `${value} = ${values[i]}`).join(" AND ");
  const own = table.key.length === 0 ? "FALSE" : `${hasFate("s", "overwrite")} AND ${isRowOf(table)}`;
  const production = await count(
    context,
    `${rows} s STRAIGHT_JOIN ${existing.from} c ON ${equal} WHERE ${isCarried("s")} AND NOT (${own})`,
  );
  const present = values.map((value) => `${value} IS NOT NULL`).join(" AND ");
  const among = `${rows} s WHERE ${isCarried("s")} AND ${present}`;
  const list = values.join(", ");
  // To group them takes seven times as long, and is only to tell how many there are.
  const [all] = await context.session.query<{ same: string }>(
    `SELECT COUNT(*) - COUNT(DISTINCT ${list}) AS same FROM ${among}`,
  );
  const twins =
    Number(all?.same) === 0
      ? 0
      : await count(context, `(SELECT 1 FROM ${among} GROUP BY ${list} HAVING COUNT(*) > 1) twins`);
  return clashes(table, key, production, twins);
}

/**
 * Production's rows `c`, and their values of the key. Beginnings of texts are found by no key of the table: the server makes
 * one for a table of them, which DISTINCT keeps it from merging into the query.
 */
function existingValues({ database }: Merging, table: PlannedTable, { parts }: PlannedKey) {
  const from = quoteTable(database, table.name);
  if (parts.every(({ prefix }) => prefix === null))
    return { from, values: parts.map(({ column }) => `c.${quoteName(column)}`) };
  const names = parts.map((_, i) => `_understudy_part_${i}`);
  const cuts = parts.map(({ column, prefix }, i) => `${cut(quoteName(column), prefix)} AS ${names[i]}`);
  return {
    from: `(SELECT DISTINCT ${[...cuts, ...table.key.map(quoteName)].join(", ")} FROM ${from})`,
    values: names.map((name) => `c.${name}`),
  };
}

/** @param production rows to preserve whose key production has; `twins`: keys that several of them share */
export function clashes(table: PlannedTable, key: PlannedKey, production: number, twins: number): Finding[] {
  const code = key.name === "PRIMARY" ? "PRESERVE_KEY_CLASH" : "PRESERVE_UNIQUE_CLASH";
  const name = `the key \`${key.name}\` of \`${table.name}\``;
  return [
    ...found(production, code, (n) => `production has rows with ${name} of ${n} rows to preserve`),
    ...found(twins, code, (n) => `rows to preserve share ${name} as production compares it, ${n} values in all`),
  ];
}

/** The part of a value that a prefix key compares. */
export function cut(expression: string, prefix: number | null): string {
  return prefix === null ? expression : `LEFT(${expression}, ${prefix})`;
}
