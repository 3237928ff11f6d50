// What production's rows have already of the set's: natural keys, primary keys and unique keys.
import type { OnMatch } from "../../../contracts/sync-contract.ts";
import type { PlannedKey, PlannedTable, PreservePlan } from "../preserve-plan.ts";
import { isUuid } from "../uuid.ts";
import type { Side } from "./find-rows.ts";
import { referredRows } from "./referred.ts";
import { pack, type KeyValue, type PreviewRow, type RowSet } from "./row-set.ts";
import { rowsInProduction, valuesInCopy, type Clash, type Meeting } from "./values-in-copy.ts";

export interface MetKeys {
  /** Rows whose id is given anew. */
  readonly anew: ReadonlySet<PreviewRow>;
  readonly matched: ReadonlyMap<PreviewRow, OnMatch["kind"]>;
  readonly clashes: readonly Clash[];
}

/** Keys over columns that masking changes are left to the run: what they will be in the copy nobody knows yet. */
export async function meetKeys(set: RowSet, production: Side, isMasked: Meeting["isMasked"]): Promise<MetKeys> {
  const meeting: Meeting = {
    ...{ set, production, isMasked, clashes: [] },
    ...{ anew: new Set(), matched: new Map(), adopted: new Map() },
  };
  for (const table of parentsFirst(set.plan)) {
    await meetMatch(meeting, table);
    await meetPrimaryKey(meeting, table);
    for (const key of table.uniqueKeys) if (key.name !== "PRIMARY") await meetUniqueKey(meeting, table, key);
  }
  return meeting;
}

/** A table after those whose ids stand in its keys, but in circles. */
function parentsFirst({ tables, references }: PreservePlan): PlannedTable[] {
  const entered = new Set<string>();
  const visit = (table: PlannedTable): PlannedTable[] => {
    if (entered.has(table.name)) return [];
    entered.add(table.name);
    const parents = references.flatMap((each) => (each.table === table.name ? [each.parentTable] : []));
    return [...tables.filter(({ name }) => parents.includes(name)).flatMap(visit), table];
  };
  return tables.flatMap(visit);
}

async function meetMatch(meeting: Meeting, table: PlannedTable): Promise<void> {
  const { set, matched, adopted, clashes } = meeting;
  if (!table.match) return;
  const { columns, onMatch } = table.match;
  const values = valuesInCopy(meeting, columns, set.of(table.name));
  const there = await rowsInProduction(meeting, table, columns, values, table.match.adopted);
  const met = new Set<string>();
  let [rows, ambiguous] = [0, 0];
  for (const [row, tuple] of values) {
    const value = pack(table, columns, tuple);
    const [found, ...others] = there.get(value)?.values() ?? [];
    if (!found) continue;
    rows++;
    if (others.length > 0 || met.has(value)) ambiguous++;
    met.add(value);
    matched.set(row, onMatch.kind);
    if (stands(onMatch.kind)) adopted.set(row, found);
  }
  const clash = { table: table.name, key: null, columns };
  if (ambiguous > 0 && stands(onMatch.kind)) clashes.push({ ...clash, rows: ambiguous, does: "ambiguous" });
  if (rows > 0) clashes.push({ ...clash, rows, does: onMatch.kind });
}

/** Production's row stays, so that none is inserted. */
function stands(kind: OnMatch["kind"] | undefined): boolean {
  return kind === "keep-production" || kind === "overwrite";
}

async function meetPrimaryKey(meeting: Meeting, table: PlannedTable): Promise<void> {
  const { set, matched, anew, clashes } = meeting;
  const { key, id } = table;
  if (key.length === 0) return;
  const rows = [...set.of(table.name)].filter((row) => !stands(matched.get(row)));
  let stuck = 0;
  for (const row of await clashing(meeting, table, key, rows)) {
    if (id && canBeAnew(table, id.column, row.values.get(id.column) ?? null)) anew.add(row);
    else stuck++;
  }
  for (const row of await referredRows(meeting, table, rows)) anew.add(row);
  if (stuck > 0) clashes.push({ table: table.name, key: "PRIMARY", columns: key, rows: stuck, does: "refused" });
}

/** A text that is no UUID is a name. */
function canBeAnew({ columns }: PlannedTable, name: string, value: KeyValue): boolean {
  const isInteger = columns.find((column) => column.name === name)?.integer === true;
  return isInteger || Buffer.isBuffer(value) || isUuid(String(value));
}

/** A key by prefixes is left to the run: no index finds values of production's by it. */
async function meetUniqueKey(meeting: Meeting, table: PlannedTable, key: PlannedKey): Promise<void> {
  const { set, matched, isMasked, clashes } = meeting;
  const columns = key.parts.map(({ column }) => column);
  if (key.parts.some(({ column, prefix }) => prefix !== null || isMasked(table.name, column))) return;
  const rows = [...set.of(table.name)].filter((row) => !isMet(table, matched.get(row), columns));
  const found = await clashing(meeting, table, columns, rows);
  if (found.length === 0) return;
  clashes.push({ table: table.name, key: key.name, columns, rows: found.length, does: "refused" });
}

/** Its clash under such a key is told as its match. */
function isMet({ match }: PlannedTable, kind: OnMatch["kind"] | undefined, key: readonly string[]): boolean {
  return stands(kind) || (kind === "fail" && match?.columns.every((column) => key.includes(column)) === true);
}

/** Those of the rows whose values production has. */
async function clashing(
  meeting: Meeting,
  table: PlannedTable,
  columns: readonly string[],
  rows: readonly PreviewRow[],
) {
  const values = valuesInCopy(meeting, columns, rows);
  const there = await rowsInProduction(meeting, table, columns, values, []);
  return rows.filter((row) => there.has(pack(table, columns, values.get(row) ?? [])));
}
