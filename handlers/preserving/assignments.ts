// What one statement makes of a batch of work rows. Each further one would write every row once more.
import type { Merging } from "./merging.ts";
import { within, type Range } from "./range.ts";

/** A column of work rows `s`, and the value that it takes; which a row that is joined for it may have. */
export interface Assignment {
  readonly column: string;
  readonly value: string;
  /** `LEFT JOIN … ON …`; no row of `s` has several. */
  readonly join?: string;
}

/** None of the values may be made of what another assigns. */
export async function assign(
  { session, workspace }: Merging,
  table: string,
  assignments: readonly Assignment[],
  range: Range,
): Promise<void> {
  if (assignments.length === 0) return;
  const joins = assignments.map(({ join = "" }) => join).join(" ");
  const values = assignments.map(({ column, value }) => `s.${column} = ${value}`).join(", ");
  await session.run(`UPDATE ${workspace.rows(table)} s ${joins} SET ${values} WHERE ${within(range)}`);
}
