// What became of a table's rows, in counts: for the report.
import { quoteName } from "../mysql/identifiers.ts";
import { FATE, FATES, isInserted, type Fate } from "./fate.ts";
import { count, type Merging } from "./merging.ts";
import type { PlannedTable } from "./preserve-plan.ts";
import { movedName } from "./workspace.ts";

export interface TableSummary {
  readonly table: string;
  /** Rows that stand in the copy with staging's values. */
  readonly rows: number;
  /** Inserted rows that have another id than in staging. */
  readonly remapped: number;
  /** Rows that production has too, and whose row there stays as it is. */
  readonly kept: number;
  /** Rows of production's that got staging's values; among `rows`. */
  readonly overwritten: number;
  /** Rows that stand beside production's under another name; among `rows`. */
  readonly renamed: number;
}

export async function summarize(context: Merging, table: PlannedTable): Promise<TableSummary> {
  const { session, workspace } = context;
  const rows = workspace.rows(table.name);
  const counts = await session.query<{ fate: number; n: string }>(
    `SELECT ${FATE} AS fate, COUNT(*) AS n FROM ${rows} GROUP BY ${FATE}`,
  );
  const of = (fate: Fate) => Number(counts.find((row) => row.fate === FATES[fate])?.n ?? 0);
  const id = table.id?.column;
  const moved = id === undefined ? "FALSE" : `s.${movedName(table, id)} <> s.${quoteName(id)}`;
  return {
    table: table.name,
    rows: of("insert") + of("overwrite") + of("rename"),
    remapped: await count(context, `${rows} s WHERE ${moved} AND ${isInserted("s")}`),
    kept: of("keep"),
    overwritten: of("overwrite"),
    renamed: of("rename"),
  };
}
