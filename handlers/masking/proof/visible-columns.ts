// The columns that staging's readers will see as production wrote them: these are looked through, every row.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import type { MaskingPlan, TablePlan } from "../plan.ts";

export interface VisibleTable {
  readonly plan: TablePlan;
  readonly table: Table;
  readonly columns: readonly VisibleColumn[];
}

export interface VisibleColumn {
  readonly column: Column;
  /** SQL for its text. */
  readonly text: string;
}

/** Columns with room for fewer characters are not looked through: no original that is remembered is as short, and no pattern. */
const SHORTEST_FINDING = 4;

/** Of masked columns these pass on what they were told to. */
const PASSING = new Set(["json", "expression"]);

/** Kept and generated text and JSON columns of all tables with rows, and masked ones that may still hold an original's part. */
export function visibleColumns(plan: MaskingPlan, schema: Schema): VisibleTable[] {
  return plan.tables.flatMap((tablePlan) => {
    const table = schema.tables.get(tablePlan.table);
    if (!table || tablePlan.rule === "truncate") return [];
    const columns = table.columns.flatMap((column) => {
      const own = tablePlan.columns.find((planned) => columnId(planned.column) === columnId(column.name));
      const isVisible = !own || own.unchanged === undefined || PASSING.has(own.transform.name);
      const text = textOf(column);
      const hasRoom = (column.maxCharacters ?? Infinity) >= SHORTEST_FINDING;
      return isVisible && hasRoom && text !== undefined ? [{ column, text }] : [];
    });
    return columns.length > 0 ? [{ plan: tablePlan, table, columns }] : [];
  });
}

/** Bytes are not text: what BLOB columns hold is not looked through. */
function textOf(column: Column): string | undefined {
  const kind = kindOf(column);
  if (kind === "json") return `CONVERT(CAST(${quoteName(column.name)} AS CHAR) USING utf8mb4)`;
  return kind === "text" ? `CONVERT(${quoteName(column.name)} USING utf8mb4)` : undefined;
}
