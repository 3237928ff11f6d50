// What would be run on a table, to be read before it is.
import { deleteStatement } from "./delete-rows.ts";
import { updateStatement } from "./mask-chunk.ts";
import { orphansStatement } from "./orphans.ts";
import { maskedColumns, type TablePlan } from "./plan.ts";

/** Over all rows; masking runs them over one range of the key after another. */
export function tableStatements(database: string, table: TablePlan): string[] {
  const all = { low: null, high: null };
  const { deleteRows, orphans = [] } = table.rows ?? {};
  return [
    ...(deleteRows === undefined ? [] : [deleteStatement(database, table, deleteRows, all)]),
    ...orphans.map((each) => orphansStatement(database, table, each)),
    ...(maskedColumns(table).length === 0 ? [] : [updateStatement(database, table, all)]),
  ];
}
