// No row of production's leads to a preserved row: only preserved rows do.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { isCarried, isInserted } from "../fate.ts";
import { count, type Merging } from "../merging.ts";
import { tableOf, type PlannedTable } from "../preserve-plan.ts";
import { referring, refersTo, rowOf } from "../reference-sql.ts";
import { referencesToId, refersToId } from "../referred.ts";
import { valueInCopy } from "../workspace.ts";
import { fail } from "./fail.ts";

/**
 * As many rows of the copy refer to preserved ones as preserved rows do, by each reference to their id.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveNotAdopted(context: Merging, parent: PlannedTable): Promise<void> {
  const { plan, session, workspace, database } = context;
  for (const reference of referencesToId(plan, parent.name)) {
    const parents = `${workspace.rows(parent.name)} p`;
    const id = valueInCopy(tableOf(plan, parent.name), parent.id?.column ?? "", "p");
    const refers = refersToId(reference, id);
    const [all] = await session.query<{ n: string }>(
      `SELECT COUNT(*) AS n FROM ${parents} JOIN ${quoteTable(database, reference.table)} r ON ${refers.sql} WHERE ${isInserted("p")}`,
      refers.values,
    );
    const preserved = await count(
      context,
      `${referring(plan, workspace, reference)} JOIN ${parents} ON ${refersTo(reference, "p")}
       WHERE ${isInserted("p")} AND ${isCarried(rowOf(reference))}`,
    );
    const adopted = Number(all?.n) - preserved;
    if (adopted <= 0) continue; // where one is missing, references.ts tells it
    fail(
      `${adopted} rows of production's refer by ${quoteName(reference.table)}.${quoteName(reference.columns[0] ?? "")} to preserved rows of ${quoteName(parent.name)}`,
    );
  }
}
