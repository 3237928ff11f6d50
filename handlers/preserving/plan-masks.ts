// Which columns of preserved rows are masked under `mask: true`, and how. Pure.
import { FatalError } from "../../contracts/errors.ts";
import type { PlannedMask, PlannedReference } from "./preserve-plan.ts";

/** A column that the contract masks. */
export interface ColumnMask extends PlannedMask {
  /** The SQL needs nothing but the row and the key: no table that was made of production's values. */
  readonly standsAlone: boolean;
}

/**
 * A table's masks, but for columns that refer: these follow what they refer to, which a second transform would part them
 * from. What they refer to outside the set is masked already.
 *
 * @throws FatalError `PRESERVE_MASK_UNFIT`
 */
export function planMasks(
  table: string,
  masks: readonly ColumnMask[],
  references: readonly Pick<PlannedReference, "table" | "columns" | "link">[],
): PlannedMask[] {
  const own = references.filter((reference) => reference.table === table);
  const refers = (column: string, isLink: boolean) =>
    own.some(({ columns, link }) => columns.includes(column) && (link !== null) === isLink);
  const masked = masks.filter(({ column }) => !refers(column, false));
  const unfit = masked.filter(({ column, standsAlone }) => !standsAlone || refers(column, true));
  if (unfit.length > 0) {
    throw new FatalError(
      "PRESERVE_MASK_UNFIT",
      `\`mask: true\` cannot mask ${unfit.map(({ column }) => `\`${table}.${column}\``).join(", ")}: \`permute\` and \`json\` know production's values alone, and a reference inside a value would be lost. Give the column another transform, leave the table out by \`follow\`, or preserve these rows without \`mask\`, in sync.yaml.`,
    );
  }
  return masked.map(({ column, sql }) => ({ column, sql }));
}
