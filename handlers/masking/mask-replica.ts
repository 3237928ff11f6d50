// Carries a plan out: every row masked exactly once, however often it is interrupted.
import type { WriteSession } from "../../contracts/platform.ts";
import { checkExpressions } from "./check-expressions.ts";
import { deleteRows } from "./delete-rows.ts";
import { prepareDocuments } from "./documents/prepare-documents.ts";
import type { MaskingJob } from "./job.ts";
import { openLedger, type Ledger, type LedgerTable } from "./ledger.ts";
import { checkReplica } from "./preflight.ts";
import { valueSteps } from "./prepare-values.ts";
import { preparationOf } from "./prepare.ts";
import { completingOf, rememberingOf } from "./proof/before.ts";
import { dropKeys, isWorthwhile } from "./secondary-keys.ts";
import { nextStep, openTableWork, report, type TableWork } from "./table-work.ts";
import { withWorkers, type Step } from "./workers.ts";

/**
 * Masks the copy on the replica, or goes on where an earlier call stopped.
 *
 * Each chunk is one UPDATE of all masked columns, committed together with the row that says so: a kill at any instant,
 * and two calls at once, mask every row once. Secondary keys that a large table's masking is faster without are dropped
 * before and restored after it.
 *
 * @returns "out-of-time" when `signal` aborted before all was done: call again.
 * @throws FatalError `MASK_*` (see docs/errors.md), RetryAfter `MYSQL_UNREACHABLE` or `MASK_LOCKED`.
 */
export async function maskReplica(job: MaskingJob): Promise<"finished" | "out-of-time"> {
  return withWorkers(job, async (workers) => {
    const session = await workers.first();
    await checkReplica(session, job);
    await checkExpressions(session, job);
    if (!(await deleteRows(session, job, await openLedger(session, job)))) return "out-of-time";
    const values = await valueSteps(session, job, await openLedger(session, job));
    if (!(await workers.runAll(values))) return "out-of-time";
    if (!(await workers.runAll(preparationOf(job, await openLedger(session, job))))) return "out-of-time";
    if (!(await prepareDocuments(workers, job, await openLedger(session, job)))) return "out-of-time";
    const remembering = await rememberingOf(session, job, await openLedger(session, job));
    if (!(await workers.runAll(remembering))) return "out-of-time";
    const completing = await completingOf(session, job, await openLedger(session, job));
    if (!(await workers.runAll(completing))) return "out-of-time";
    if (!(await workers.runAll(keySteps(job, await openLedger(session, job))))) return "out-of-time";
    const ledger = await openLedger(session, job);
    const works = await openWorks(session, job, ledger);
    return (await workers.runFrom(() => nextStep(job, ledger, works))) ? "finished" : "out-of-time";
  });
}

/** Tables with rows to mask, the largest first: were it last, one session would end the work alone. */
function largestFirst({ tables }: Ledger): LedgerTable[] {
  return tables.filter(({ plan }) => plan.rule !== "truncate").toSorted((a, b) => b.rowsBefore - a.rowsBefore);
}

function keySteps(job: MaskingJob, ledger: Ledger): Step[] {
  return largestFirst(ledger)
    .filter((table) => isWorthwhile(table, job) && (table.keys === "untouched" || table.keys === "remembered"))
    .map((table) => ({ table: table.plan, run: (session) => dropKeys(session, job, ledger, table) }));
}

/** What is left to do. How far each table is is told at once, so that the whole is known from the start. */
async function openWorks(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<TableWork[]> {
  const works: TableWork[] = [];
  for (const table of largestFirst(ledger)) {
    const work = await openTableWork(session, ledger, table);
    if (!work) continue;
    works.push(work);
    report(job, work, "masking");
  }
  return works;
}
