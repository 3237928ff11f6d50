// Unique keys that rows to preserve bring no values for: over expressions, columns that the server computes, and defaults of
// columns that staging lacks. The server computes them in a rehearsal: the rows inserted into a table like the copy's, empty
// and without these keys. What stands there is held against production's rows and against each other.
import { quoteName, quoteNames, quoteTable } from "../mysql/identifiers.ts";
import { clashes, cut } from "./check-keys.ts";
import { FATE, FATES, hasFate, isInserted } from "./fate.ts";
import type { Finding } from "./findings.ts";
import { count, type Merging } from "./merging.ts";
import type { PlannedComputedKey, PlannedTable } from "./preserve-plan.ts";
import { isRowOf } from "./proof/row-of.ts";
import { valueInCopy } from "./workspace.ts";

export async function checkComputedKeys(context: Merging, table: PlannedTable): Promise<Finding[]> {
  if (table.computedKeys.length === 0) return [];
  const rehearsal = context.workspace.rehearsal(table.name);
  await context.session.run(`DROP TABLE IF EXISTS ${rehearsal}`);
  await rehearse(context, table, rehearsal);
  const findings: Finding[] = [];
  for (const key of table.computedKeys) findings.push(...(await checkKey(context, table, key, rehearsal)));
  await context.session.run(`DROP TABLE ${rehearsal}`);
  return findings;
}

async function rehearse({ session, workspace, database }: Merging, table: PlannedTable, rehearsal: string) {
  const copy = quoteTable(database, table.name);
  const changes = table.computedKeys.map(({ name }) => `DROP KEY ${quoteName(name)}`);
  await session.run(`CREATE TABLE ${rehearsal} LIKE ${copy}`);
  await session.run(
    `ALTER TABLE ${rehearsal} ${[...changes, `ADD COLUMN ${FATE} TINYINT NOT NULL DEFAULT ${FATES.insert}`].join(", ")}`,
  );
  const own = table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
  const values = own.map((name) => valueInCopy(table, name, "s")).join(", ");
  // Rows that share another key are found by that one, and passed over here.
  await session.run(
    `INSERT IGNORE INTO ${rehearsal} (${quoteNames(own)}) SELECT ${values} FROM ${workspace.rows(table.name)} s WHERE ${isInserted("s")}`,
  );
  if (table.match?.onMatch.kind !== "overwrite") return;
  // Where production's row is overwritten, columns that staging lacks stay as they are.
  const stay = table.defaulted.filter(({ generated }) => !generated).map(({ name }) => name);
  await session.run(
    `INSERT IGNORE INTO ${rehearsal} (${[FATE, quoteNames([...own, ...stay])].join(", ")})
     SELECT ${[String(FATES.overwrite), values, ...stay.map((name) => `c.${quoteName(name)}`)].join(", ")}
     FROM ${workspace.rows(table.name)} s STRAIGHT_JOIN ${copy} c ON ${isRowOf(table)} WHERE ${hasFate("s", "overwrite")}`,
  );
}

async function checkKey(context: Merging, table: PlannedTable, key: PlannedComputedKey, rehearsal: string) {
  const computed = [
    ...key.parts.map(({ column, prefix }) => cut(quoteName(column), prefix)),
    ...key.expressions.map((expression) => `(${expression})`),
  ];
  const names = computed.map((_, i) => `part_${i}`);
  const identity = table.key.map((column, i) => `${quoteName(column)} AS key_${i}`);
  const rows = (from: string, ...more: readonly string[]) =>
    `(SELECT ${[...computed.map((part, i) => `${part} AS part_${i}`), ...identity, ...more].join(", ")} FROM ${from})`;
  const equal = names.map((name) => `c.${name} = s.${name}`).join(" AND ");
  const isOwn = ["TRUE", ...identity.map((_, i) => `c.key_${i} = s.key_${i}`)].join(" AND ");
  const production = await count(
    context,
    `${rows(rehearsal, FATE)} s STRAIGHT_JOIN ${rows(quoteTable(context.database, table.name))} c ON ${equal}
     WHERE NOT (${hasFate("s", "overwrite")} AND ${isOwn})`,
  );
  const present = names.map((name) => `${name} IS NOT NULL`).join(" AND ");
  const twins = await count(
    context,
    `(SELECT 1 FROM ${rows(rehearsal)} s WHERE ${present} GROUP BY ${names.join(", ")} HAVING COUNT(*) > 1) twins`,
  );
  return clashes(table, key, production, twins);
}
