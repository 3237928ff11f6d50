// A plan does not know where the ledger is: its SQL names the tables of permutations and documents alone, and here they
// get their database.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";
import { ledgerDatabase } from "./ledger.ts";
import { DOCUMENTS } from "./transforms/json.ts";

/** A column's SQL as it is run. */
export function inLedger(job: MaskingJob, sql: string): string {
  const permutations = (job.plan.preparations ?? []).filter((preparation) => preparation.kind === "permutation");
  return [...permutations.map(({ name }) => name), DOCUMENTS.table].reduce(
    (text, name) => text.replaceAll(quoteName(name), () => quoteTable(ledgerDatabase(job), name)),
    sql,
  );
}
