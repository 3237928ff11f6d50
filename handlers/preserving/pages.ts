// Values of work rows, a page at a time.
import type { ReadSession, SqlRow, WriteSession } from "../../contracts/platform.ts";
import type { PlannedColumn, PreservePlan } from "./preserve-plan.ts";
import { literalOf, toLiteral } from "./staging-rows.ts";
import { NUMBER, type Workspace } from "./workspace.ts";

/** Values that staging is asked for with one query; for more of a table's rows than a few it reads all of them, each time. */
export const PAGE_ROWS = 2000;
/** Of single integers, which are short: 10,000 make a statement of 100 KiB. */
const PAGE_INTEGERS = 10_000;

export interface Collecting {
  readonly plan: PreservePlan;
  readonly staging: ReadSession;
  readonly stagingDatabase: string;
  readonly session: WriteSession;
  /** Opens a further session like it. */
  readonly open: () => Promise<WriteSession>;
  readonly workspace: Workspace;
  /** The copy. */
  readonly database: string;
}

/** A value of a work row: an expression on `s`, and the column whose values it has. */
export interface Selected {
  readonly sql: string;
  readonly column: PlannedColumn;
}

/** Pages of distinct values, none of them NULL, from the rows `s` that `from` selects. */
export async function* pagesOf(
  session: WriteSession,
  from: string,
  selected: readonly Selected[],
): AsyncGenerator<unknown[][]> {
  const list = selected.map(({ sql }, i) => `${sql} AS v${i}`).join(", ");
  const columns = selected.map(({ column }, i) => [`v${i}`, column] as const);
  const most = selected.length === 1 && selected[0]?.column.integer ? PAGE_INTEGERS : PAGE_ROWS;
  for (let last = 0; ;) {
    const rows = await session.query<SqlRow & { number: string }>(
      `SELECT s.${NUMBER} AS number, ${list} FROM ${from} AND s.${NUMBER} > ${last} ORDER BY s.${NUMBER} LIMIT ${most}`,
    );
    const end = rows.at(-1);
    if (!end) return;
    last = Number(end.number);
    const pages = new Map<string, unknown[]>();
    for (const row of rows) {
      const values = columns.map(([name, column]) => toLiteral(column, row[name] ?? null));
      // As literals: other bytes may be the same text.
      if (!values.includes(null)) pages.set(values.map(literalOf).join(), values);
    }
    if (pages.size > 0) yield [...pages.values()];
    if (rows.length < most) return;
  }
}
