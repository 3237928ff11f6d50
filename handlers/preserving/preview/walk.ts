// Finds staging's rows as a run does: those of the rules, then breadth first the rows that hang on them.
import type { SqlRow } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { textLiteral } from "../../mysql/literals.ts";
import { refusingCondition, rowsOfRule } from "../check-conditions.ts";
import { tableOf, type PlannedReference } from "../preserve-plan.ts";
import { linksOf } from "../rows-target.ts";
import { selectList } from "../staging-rows.ts";
import { follows } from "../ways.ts";
import { findRows, readRows, type Side } from "./find-rows.ts";
import { tupleOf, type PreviewRow, type RowSet } from "./row-set.ts";

/** Adds to the set every row that a rule brings. */
export async function walk(set: RowSet, staging: Side): Promise<void> {
  const { plan } = set;
  for (const [i, way] of plan.ways.entries()) {
    let front = await rowsOfRules(set, staging, i);
    while (front.length > 0) {
      const found: PreviewRow[] = [];
      const byTable = Map.groupBy(front, ({ table }) => table);
      for (const reference of plan.references) {
        const parents = byTable.get(reference.parentTable);
        if (parents && follows(way, reference.table))
          found.push(...(await children(set, staging, reference, parents, i)));
      }
      front = found;
    }
  }
}

async function rowsOfRules(set: RowSet, { session, database }: Side, way: number): Promise<PreviewRow[]> {
  const found: PreviewRow[] = [];
  for (const rule of set.plan.rules) {
    if (rule.way !== way) continue;
    const table = tableOf(set.plan, rule.table);
    const sql = `SELECT ${selectList(set.readColumns(table))} ${rowsOfRule(database, rule)}`;
    await refusingCondition(table.name, async () => {
      for await (const rows of readRows(session, sql)) found.push(...set.add(table, rows, way, true));
    });
  }
  return found;
}

async function children(
  set: RowSet,
  staging: Side,
  reference: PlannedReference,
  parents: readonly PreviewRow[],
  way: number,
): Promise<PreviewRow[]> {
  const table = tableOf(set.plan, reference.table);
  const front = new Set(parents);
  const leads = (row: SqlRow) =>
    linksOf(reference, row)?.some(({ id }) => {
      const parent = set.parent(reference, [id]);
      return parent !== undefined && front.has(parent);
    }) === true;
  const found: PreviewRow[] = [];
  for await (const rows of referringRows(set, staging, reference, parents)) {
    found.push(...set.add(table, reference.link ? rows.filter(leads) : rows, way, false));
  }
  return found;
}

/** Rows that refer to the parents, and others where the server cannot tell: documents and texts are read whole. */
function referringRows(set: RowSet, staging: Side, reference: PlannedReference, parents: readonly PreviewRow[]) {
  const { link, parentColumns } = reference;
  const table = tableOf(set.plan, reference.table);
  const read = set.readColumns(table);
  const by = reference.columns.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  if (!link || link.place.kind === "value") {
    const tuples = parents.map((parent) => tupleOf(parent, parentColumns));
    return findRows(staging, { table: table.name, read, by }, tuples);
  }
  const conditions = [
    ...by.map(({ name }) => `${quoteName(name)} IS NOT NULL`),
    ...(link.when ? [`${quoteName(link.when.column)} IN (${link.when.values.map(textLiteral).join(", ")})`] : []),
  ];
  const from = quoteTable(staging.database, table.name);
  return readRows(staging.session, `SELECT ${selectList(read)} FROM ${from} WHERE ${conditions.join(" AND ")}`);
}
