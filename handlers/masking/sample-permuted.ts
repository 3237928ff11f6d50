// What `permute` makes of a few sampled rows. Its table is made of all values when masking begins: here nothing is made.
import type { ReadSession, SqlRow, SqlValue } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import { permutedSample } from "./permute-values.ts";
import type { MaskingPlan, Permutation } from "./plan.ts";

/** Tables of more rows are not read whole for a preview, which may stand on production. */
const READ_WHOLE_ROWS = 100_000;

/**
 * Gives sampled rows the new values of a permuted column, from `before<i>` to `after<i>`; none where too many values would
 * have to be read for it, or rows stay behind, whose values take nobody's place.
 *
 * @param sample SQL that the rows came of
 */
export async function permuteSample(
  session: ReadSession,
  database: string,
  plan: MaskingPlan,
  permutation: Permutation,
  { rows, sample, i }: { readonly rows: readonly SqlRow[]; readonly sample: string; readonly i: number },
): Promise<void> {
  if (!(await isReadWhole(session, database, plan, permutation))) return;
  const own = `SELECT row_of.before${i} AS own FROM (${sample}) row_of`;
  const found = await session.query(permutedSample(database, permutation, own));
  const after = new Map(found.map(({ own: before, next }) => [identity(before), next ?? null]));
  for (const row of rows) {
    const before = row[`before${i}`] ?? null;
    // NULL and an empty text have no place in the permutation: they stay.
    row[`after${i}`] = after.get(identity(before)) ?? before;
  }
}

async function isReadWhole(session: ReadSession, database: string, { tables }: MaskingPlan, { columns }: Permutation) {
  const names = new Set(columns.map(({ table }) => table));
  if (tables.some(({ table, rows }) => names.has(table) && rows)) return false;
  const [count] = await session.query<{ total: number | string }>(
    `SELECT SUM(table_rows) AS total FROM information_schema.tables
     WHERE table_schema = ${textLiteral(database)} AND table_name IN (${[...names].map(textLiteral).join(", ")})`,
  );
  return Number(count?.total) <= READ_WHOLE_ROWS;
}

function identity(value: SqlValue | undefined): string {
  return Buffer.isBuffer(value) ? value.toString("hex") : String(value);
}
