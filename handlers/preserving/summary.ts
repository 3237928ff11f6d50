// What became of a table's rows, in counts: for the report.
import { quoteName } from "../mysql/identifiers.ts";
import { FATE, FATES, type Fate } from "./fate.ts";
import type { Merging } from "./merging.ts";
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

export async function summarize({ session, workspace }: Merging, table: PlannedTable): Promise<TableSummary> {
  const id = table.id?.column;
  const isMoved = id === undefined ? "FALSE" : `${movedName(table, id)} <> ${quoteName(id)}`;
  const counts = await session.query<{ fate: number; n: string; moved: string }>(
    `SELECT ${FATE} AS fate, COUNT(*) AS n, COUNT(IF(${isMoved}, 1, NULL)) AS moved FROM ${workspace.rows(table.name)} GROUP BY ${FATE}`,
  );
  const sum = (what: "n" | "moved", ...fates: readonly Fate[]) =>
    fates.reduce((n, fate) => n + Number(counts.find((row) => row.fate === FATES[fate])?.[what] ?? 0), 0);
  return {
    table: table.name,
    rows: sum("n", "insert", "overwrite", "rename"),
    remapped: sum("moved", "insert", "rename"),
    kept: sum("n", "keep"),
    overwritten: sum("n", "overwrite"),
    renamed: sum("n", "rename"),
  };
}
