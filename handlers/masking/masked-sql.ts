// A plan does not know where the ledger is: its SQL names permutations' tables alone, and here they get their database.
import { quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";
import { ledgerDatabase } from "./ledger.ts";

/** A column's SQL as it is run. */
export function inLedger(job: MaskingJob, sql: string): string {
  const permutations = (job.plan.preparations ?? []).filter((preparation) => preparation.kind === "permutation");
  return permutations.reduce(
    (text, { name }) => text.replaceAll(`\`${name}\``, () => quoteTable(ledgerDatabase(job), name)),
    sql,
  );
}
