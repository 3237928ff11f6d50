// Unique keys that hold no row to look others up by: over beginnings of texts, over expressions, beside no primary key.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { cut } from "../check-keys.ts";
import { count, type Merging } from "../merging.ts";
import type { PlannedComputedKey, PlannedTable } from "../preserve-plan.ts";
import { fail } from "./fail.ts";

/**
 * No two rows of the table have the same values: each of these keys is read from end to end. The others are
 * preserved-rows.ts's.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveScannedKeys(context: Merging, table: PlannedTable): Promise<void> {
  const plain = table.uniqueKeys.map((key): PlannedComputedKey => ({ ...key, expressions: [] }));
  for (const { name, parts, expressions } of [...plain, ...table.computedKeys]) {
    const hasPrefix = parts.some(({ prefix }) => prefix !== null);
    if (table.key.length > 0 && expressions.length === 0 && !hasPrefix) continue;
    const values = [...parts.map(({ column, prefix }) => cut(quoteName(column), prefix)), ...expressions];
    const present = values.map((value) => `${value} IS NOT NULL`).join(" AND ");
    const shared = await count(
      context,
      `(SELECT 1 FROM ${quoteTable(context.database, table.name)} WHERE ${present} GROUP BY ${values.join(", ")} HAVING COUNT(*) > 1) shared`,
    );
    if (shared > 0) fail(`rows of \`${table.name}\` share the unique key \`${name}\`, ${shared} values in all`);
  }
}
