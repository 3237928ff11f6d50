// Carries a plan out: every row masked exactly once, however often it is interrupted.
import type { WriteSession } from "../../contracts/platform.ts";
import { readCopy } from "../mysql/waiting-keys.ts";
import { buildsInParallel } from "./build-keys.ts";
import { checkExpressions } from "./check-expressions.ts";
import { deleteRows } from "./delete-rows.ts";
import { prepareDocuments } from "./documents/prepare-documents.ts";
import type { MaskingJob } from "./job.ts";
import { ledgerDatabase, openLedger, readLedger, type Ledger, type LedgerTable } from "./ledger.ts";
import { checkReplica } from "./preflight.ts";
import { valueSteps } from "./prepare-values.ts";
import { preparationOf } from "./prepare.ts";
import { completingOf, rememberingOf } from "./proof/before.ts";
import { provenTables } from "./proof/proven-table.ts";
import { rangeReads } from "./proof/ranges.ts";
import { readRecords } from "./proof/records.ts";
import { dropKeys, isWorthwhile } from "./secondary-keys.ts";
import { nextStep, openTableWork, report, type TableWork } from "./table-work.ts";
import {
  foreignKeySteps,
  neededSteps,
  readWaiting,
  remainingSteps,
  verifyWaiting,
  type WaitingTable,
} from "./waiting-keys.ts";
import { withWorkers, type Step, type Workers } from "./workers.ts";

/**
 * Masks the copy on the replica, or goes on where an earlier call stopped.
 *
 * Each chunk is one UPDATE of all masked columns, committed together with the row that says so: a kill at any instant,
 * and two calls at once, mask every row once. Secondary keys that a large table's masking is faster without are dropped
 * before and restored after it; meanwhile sessions without other work begin with the proof's reads. Keys that the copy was
 * loaded without are built then, too.
 *
 * @returns "out-of-time" when `signal` aborted before all was done: call again.
 * @throws FatalError `MASK_*` (see docs/errors.md), RetryAfter `MYSQL_UNREACHABLE` or `MASK_LOCKED`.
 */
export async function maskReplica(job: MaskingJob): Promise<"finished" | "out-of-time"> {
  return withWorkers(job, async (workers) => {
    const isFinished =
      (await prepareCopy(workers, job)) && (await remember(workers, job)) && (await maskRows(workers, job, earlyReads));
    return isFinished ? "finished" : "out-of-time";
  });
}

/** All that comes before the proof remembers originals: rows that stay behind are gone, tables are counted. False when time ran out. */
export async function prepareCopy(workers: Workers, job: MaskingJob): Promise<boolean> {
  const session = await workers.first();
  await checkReplica(session, job);
  await checkExpressions(session, job);
  const ledger = await openLedger(session, job);
  if (!(await workers.runAll(neededSteps(job, ledger, await readWaiting(session, job))))) return false;
  if (!(await deleteRows(session, job, ledger))) return false;
  if (!(await workers.runAll(await valueSteps(session, job, ledger)))) return false;
  if (!(await workers.runAll(preparationOf(job, ledger)))) return false;
  return prepareDocuments(workers, job, ledger);
}

/** What the proof must know of originals. False when time ran out. */
async function remember(workers: Workers, job: MaskingJob): Promise<boolean> {
  const session = await workers.first();
  const ledger = await readLedger(session, job);
  if (!(await workers.runAll(await rememberingOf(session, job, ledger)))) return false;
  return workers.runAll(await completingOf(session, job, ledger));
}

/** For a table, what the proof has to read once every row of it is masked. */
type Reads = (table: LedgerTable) => Step[];

/**
 * Masks every row, from keys dropped to keys restored. False when time ran out.
 *
 * @param openReads of the proof, for sessions without other work
 */
export async function maskRows(
  workers: Workers,
  job: MaskingJob,
  openReads: (session: WriteSession, job: MaskingJob, ledger: Ledger) => Promise<Reads>,
): Promise<boolean> {
  const session = await workers.first();
  const waiting = await readWaiting(session, job);
  if (!(await workers.runAll(keySteps(job, await readLedger(session, job), waiting)))) return false;
  const ledger = await readLedger(session, job);
  const works = await openWorks(session, job, ledger, await openReads(session, job, ledger));
  const remaining = remainingSteps(job, ledger, waiting);
  // Keys that are built by several threads take longer beside several readers.
  const readers = (await buildsInParallel(session)) ? 1 : job.connections;
  if (!(await workers.runFrom(() => remaining.shift() ?? nextStep(job, ledger, works, readers)))) return false;
  if (!(await workers.runAll(foreignKeySteps(job, waiting)))) return false;
  await verifyWaiting(session, job, waiting);
  return true;
}

/** Of a table without a chunk key none: it is one long read, for which the ALTER at its end would wait. */
async function earlyReads(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Reads> {
  const records = await readRecords(session, job);
  const schema = await readCopy(session, job.database, ledgerDatabase(job));
  const tables = provenTables(job, ledger, records, schema);
  return (table) => {
    const proven = tables.find(({ ledgerTable }) => ledgerTable === table);
    return proven && table.plan.chunkKey ? rangeReads(proven) : [];
  };
}

/** Tables with rows to mask, the largest first: were it last, one session would end the work alone. */
function largestFirst({ tables }: Ledger): LedgerTable[] {
  return tables.filter(({ plan }) => plan.rule !== "truncate").toSorted((a, b) => b.rowsBefore - a.rowsBefore);
}

function keySteps(job: MaskingJob, ledger: Ledger, waiting: readonly WaitingTable[]): Step[] {
  return largestFirst(ledger)
    .filter(({ keys }) => keys === "untouched" || keys === "remembered")
    .flatMap((table) => {
      const areWaiting = waiting.some(({ plan }) => plan === table.plan);
      if (!isWorthwhile(table, job, areWaiting)) return [];
      return { table: table.plan, run: (session) => dropKeys(session, job, ledger, table, areWaiting) };
    });
}

/** What is left to do. How far each table is is told at once, so that the whole is known from the start. */
async function openWorks(session: WriteSession, job: MaskingJob, ledger: Ledger, readsOf: Reads): Promise<TableWork[]> {
  const works: TableWork[] = [];
  for (const table of largestFirst(ledger)) {
    const work = await openTableWork(session, ledger, table, readsOf(table));
    if (!work) continue;
    works.push(work);
    report(job, work, "masking");
  }
  return works;
}
