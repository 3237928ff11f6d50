// Schema drift that shows in rows alone: NULL where production has come to require a value.
import { quoteName } from "../mysql/identifiers.ts";
import { isCarried } from "./fate.ts";
import { found, type Finding } from "./findings.ts";
import type { Merging } from "./merging.ts";
import type { PlannedTable } from "./preserve-plan.ts";
import { valueInCopy } from "./workspace.ts";

export async function checkNulls({ session, workspace }: Merging, table: PlannedTable): Promise<Finding[]> {
  if (table.required.length === 0) return [];
  const counts = table.required.map(
    (column) => `SUM(${valueInCopy(table, column, "s")} IS NULL) AS ${quoteName(column)}`,
  );
  const [nulls] = await session.query(
    `SELECT ${counts.join(", ")} FROM ${workspace.rows(table.name)} s WHERE ${isCarried("s")}`,
  );
  return table.required.flatMap((column) =>
    found(
      Number(nulls?.[column] ?? 0),
      "PRESERVE_VALUE_REQUIRED",
      (n) => `\`${table.name}.${column}\`, which production requires, is NULL in ${n} rows to preserve`,
    ),
  );
}
