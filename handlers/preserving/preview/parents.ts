// The rows outside the set that its rows refer to: whether production has them as staging does, and what policies do then.
import type { ParentPolicy } from "../../../contracts/sync-contract.ts";
import { rowName } from "../name-row.ts";
import { tableOf, type PlannedReference } from "../preserve-plan.ts";
import { toLiteral } from "../staging-rows.ts";
import { indexOfWay, strictest, wayOfParents } from "../ways.ts";
import { findRows, type Side } from "./find-rows.ts";
import { pack, type KeyValue, type PreviewRow, type RowSet } from "./row-set.ts";

/** `absent`: staging itself lacks it. */
type Found = "same" | "missing" | "different" | "absent";

export interface MetParents {
  readonly reference: PlannedReference;
  /** References that stay as they are: production has the row. */
  readonly pointed: number;
  /** That become NULL. */
  readonly nulled: number;
  /** For which the run is refused, and the first row that refers so, where it may be named. */
  readonly missing: number;
  readonly different: number;
  readonly first: { readonly missing?: string; readonly different?: string };
}

/**
 * Looks all of them up, and adds those to the set that the policy `carry` brings along.
 *
 * @param production undefined: staging's own other rows stand for production's
 * @returns an entry for each of the plan's references
 */
export async function meetParents(set: RowSet, staging: Side, production: Side | undefined): Promise<MetParents[]> {
  const known = set.plan.references.map(() => new Map<string, Found>());
  for (let grows = true; grows;) {
    grows = false;
    for (const [i, reference] of set.plan.references.entries()) {
      const found = known[i] ?? new Map<string, Found>();
      await lookUp(reference, leadingOutside(set, i, found), staging, production, found);
      if (await carry(set, i, found, staging)) grows = true;
    }
  }
  return set.plan.references.map((reference, i) => count(set, reference, i, known[i] ?? new Map()));
}

function* leadingOutside(set: RowSet, i: number, known: ReadonlyMap<string, Found>): Generator<readonly KeyValue[]> {
  const reference = set.plan.references[i];
  if (!reference) return;
  for (const row of set.of(reference.table)) {
    for (const tuple of set.leads(row, i)) {
      if (!tuple.includes(null) && !known.has(nameOf(reference, tuple)) && !set.parent(reference, tuple)) yield tuple;
    }
  }
}

function nameOf({ outside: columns, parentColumns }: PlannedReference, tuple: readonly KeyValue[]): string {
  return pack({ columns }, parentColumns, tuple);
}

async function lookUp(
  reference: PlannedReference,
  leading: Iterable<readonly KeyValue[]>,
  staging: Side,
  production: Side | undefined,
  known: Map<string, Found>,
): Promise<void> {
  const tuples = [...leading];
  const inStaging = await contents(reference, staging, tuples);
  const inProduction = production ? await contents(reference, production, tuples) : inStaging;
  for (const tuple of tuples) {
    const name = nameOf(reference, tuple);
    const [here, there] = [inStaging.get(name), inProduction.get(name)];
    known.set(
      name,
      here === undefined ? "absent" : there === undefined ? "missing" : here === there ? "same" : "different",
    );
  }
}

/** By the referenced columns: what else tells that a row is the same row. */
async function contents(reference: PlannedReference, side: Side, tuples: readonly (readonly KeyValue[])[]) {
  const { parentTable: table, parentColumns, outside } = reference;
  const found = new Map<string, string>();
  const by = outside.slice(0, parentColumns.length);
  for await (const rows of findRows(side, { table, read: outside, by }, tuples)) {
    for (const row of rows) {
      const [key, natural] = [by, outside.slice(by.length)].map((columns) =>
        pack(
          { columns: outside },
          columns.map(({ name }) => name),
          columns.map((column) => toLiteral(column, row[column.name] ?? null)),
        ),
      );
      found.set(key ?? "", natural ?? "");
    }
  }
  return found;
}

async function carry(set: RowSet, i: number, known: ReadonlyMap<string, Found>, staging: Side): Promise<boolean> {
  const { plan } = set;
  const reference = plan.references[i];
  if (!reference || !plan.tables.some(({ name }) => name === reference.parentTable)) return false;
  const table = tableOf(plan, reference.parentTable);
  const wanted = new Map<number, (readonly KeyValue[])[]>();
  for (const row of set.of(reference.table)) {
    const mask = [...row.ways.keys()].some((way) => plan.ways[way]?.mask);
    const way = indexOfWay(plan.ways, wayOfParents(mask));
    if (way < 0 || policyOf(set, row) !== "carry") continue;
    for (const tuple of set.leads(row, i)) {
      if (tuple.includes(null) || !["missing", "different"].includes(known.get(nameOf(reference, tuple)) ?? ""))
        continue;
      if (!set.parent(reference, tuple)) wanted.set(way, [...(wanted.get(way) ?? []), tuple]);
    }
  }
  const by = reference.outside.slice(0, reference.parentColumns.length);
  let grows = false;
  for (const [way, tuples] of wanted) {
    const read = set.readColumns(table);
    for await (const rows of findRows(staging, { table: table.name, read, by }, tuples)) {
      if (set.add(table, rows, way, false).length > 0) grows = true;
    }
  }
  return grows;
}

/** What the rules say that chose the row itself, then what is said of its table, then the rules with which it came. */
function policyOf({ plan }: RowSet, { table, ways }: PreviewRow): ParentPolicy {
  const policies = (own: boolean) =>
    [...ways].flatMap(([way, chosen]) => (chosen || !own ? (plan.ways[way]?.parents ?? []) : []));
  return strictest(policies(true)) ?? tableOf(plan, table).parents ?? strictest(policies(false)) ?? "fail";
}

function count(set: RowSet, reference: PlannedReference, i: number, known: ReadonlyMap<string, Found>): MetParents {
  const met = { pointed: 0, nulled: 0, missing: 0, different: 0 };
  const first: { missing?: string; different?: string } = {};
  const table = tableOf(set.plan, reference.table);
  for (const row of set.of(reference.table)) {
    for (const tuple of set.leads(row, i)) {
      if (set.parent(reference, tuple)) continue;
      // A value that no parent's column can hold leads to none.
      const found = tuple.includes(null) ? "absent" : known.get(nameOf(reference, tuple));
      if (found === "absent" && reference.zeroIsNone && ["0", ""].includes(String(tuple[0]))) continue;
      const nulls = reference.nulls.length > 0 && policyOf(set, row) === "null";
      const becomes = found === "same" ? "pointed" : nulls ? "nulled" : found === "different" ? "different" : "missing";
      met[becomes]++;
      if (becomes !== "missing" && becomes !== "different") continue;
      if (table.named.length > 0) first[becomes] ??= rowName(table, (column) => row.values.get(column));
    }
  }
  return { reference, ...met, first };
}
