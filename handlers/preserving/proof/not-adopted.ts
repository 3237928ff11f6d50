// No row of production's leads to a preserved row: only preserved rows do.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { isInserted } from "../fate.ts";
import type { Merging } from "../merging.ts";
import { tableOf, type PlannedReference } from "../preserve-plan.ts";
import { refersToId } from "../referred.ts";
import { valueInCopy } from "../workspace.ts";
import { fail } from "./fail.ts";

/**
 * As many rows of the copy refer to preserved ones as preserved rows do, by a reference to their id.
 *
 * @param preserved how many these are
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveNotAdopted(
  { plan, session, workspace, database }: Merging,
  reference: PlannedReference,
  preserved: number,
): Promise<void> {
  const parent = tableOf(plan, reference.parentTable);
  const refers = refersToId(reference, valueInCopy(parent, parent.id?.column ?? "", "p"));
  const [all] = await session.query<{ n: string }>(
    `SELECT COUNT(*) AS n FROM ${workspace.rows(parent.name)} p
     JOIN ${quoteTable(database, reference.table)} r ON ${refers.sql} WHERE ${isInserted("p")}`,
    refers.values,
  );
  const adopted = Number(all?.n) - preserved;
  if (adopted <= 0) return; // where one is missing, references.ts tells it
  fail(
    `${adopted} rows of production's refer by ${quoteName(reference.table)}.${quoteName(reference.columns[0] ?? "")} to preserved rows of ${quoteName(parent.name)}`,
  );
}
