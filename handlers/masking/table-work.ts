// The work on one table: its chunks, then its keys, while others read it for the proof; and in which order the tables' work
// is handed out.
import { setTimeout as sleep } from "node:timers/promises";
import type { WriteSession } from "../../contracts/platform.ts";
import { isSmall, readTotals, takeChunk, unfinishedChunks, type Chunk } from "./chunks.ts";
import type { MaskingJob, MaskingProgress } from "./job.ts";
import type { Ledger, LedgerTable } from "./ledger.ts";
import { maskChunk } from "./mask-chunk.ts";
import { restoreKeys } from "./secondary-keys.ts";
import type { Step } from "./workers.ts";

/** A table whose work is not finished, as this call sees it. */
export interface TableWork {
  readonly table: LedgerTable;
  /** Left by a call that was killed, or in another's hands now. */
  readonly leftOver: Chunk[];
  readonly pace: Pace;
  /** The size of the next chunk, once this call has measured one. */
  size?: number;
  /** No chunk is left to be handed out. */
  walked: boolean;
  /** Chunks that this call's sessions work on. */
  running: number;
  /** The last step is handed out. */
  finishing: boolean;
  /** Reads for the proof that are not handed out; they are for when every row is masked. */
  readonly reads: Step[];
  /** Sessions that are at them. */
  reading: number;
  /** Settles when the keys begin to be restored, or will not be: true where every row is masked. */
  readonly restoring: PromiseWithResolvers<boolean>;
  /** The last step has ended. */
  finished: boolean;
}

/** How fast this call is with a table. */
interface Pace {
  rowsDone: number;
  readonly rowsAtFirst: number;
  startedAt?: number;
}

/**
 * What is left of a table, by the ledger; undefined where nothing is.
 *
 * @param reads what the proof has to read of it
 */
export async function openTableWork(
  session: WriteSession,
  ledger: Ledger,
  table: LedgerTable,
  reads: Step[],
): Promise<TableWork | undefined> {
  const { finished, maskedRows } = await readTotals(session, ledger, table);
  if (finished && (table.keys === "untouched" || table.keys === "restored")) return undefined;
  return {
    table,
    leftOver: await unfinishedChunks(session, ledger, table),
    pace: { rowsDone: maskedRows, rowsAtFirst: maskedRows },
    walked: finished,
    running: 0,
    finishing: false,
    reads,
    reading: 0,
    restoring: Promise.withResolvers(),
    finished: false,
  };
}

/**
 * The next step over all tables. One table's chunks go to all sessions before the next table's begin; a table whose last
 * chunk is done is finished before anything else, so that its keys are built while others are masked, and in the end while
 * sessions that would wait read it for the proof.
 *
 * @param works in the order in which they are to be masked
 * @param readers sessions that may read a table while its keys are built
 * @returns undefined where nothing is to be done now; when a table's last chunk ends there is more
 */
export function nextStep(
  job: MaskingJob,
  ledger: Ledger,
  works: readonly TableWork[],
  readers: number,
): Step | undefined {
  const ended = works.find((work) => isHandedOut(work) && work.running === 0 && !work.finishing);
  if (ended) {
    ended.finishing = true;
    return { table: ended.table.plan, run: (session) => finishTable(session, job, ledger, ended) };
  }
  const work = works.find((candidate) => !isHandedOut(candidate));
  if (!work) return nextRead(job, works, readers);
  work.running++;
  const leftOver = work.leftOver.shift();
  if (!leftOver && isSmall(work.table, job)) work.walked = true; // one session is enough
  return {
    table: work.table.plan,
    async run(session) {
      await maskNext(session, job, ledger, work, leftOver);
      work.running--;
    },
  };
}

/** An ALTER has the table to itself when it begins: a read that came first would hold it up. */
const HEAD_START_MS = 100;

/** Of a table whose keys are being restored. Reads that are left when they are there, or when time is over, come with the proof. */
function nextRead({ signal }: MaskingJob, works: readonly TableWork[], readers: number): Step | undefined {
  if (signal.aborted) return undefined;
  const work = works.find(
    ({ finishing, finished, reads, reading }) => finishing && !finished && reading < readers && reads.length > 0,
  );
  const read = work?.reads.shift();
  if (!work || !read) return undefined;
  work.reading++;
  return {
    table: work.table.plan,
    async run(session) {
      if (await work.restoring.promise) await read.run(session);
      work.reading--;
    },
  };
}

function isHandedOut({ walked, leftOver }: TableWork): boolean {
  return walked && leftOver.length === 0;
}

async function maskNext(session: WriteSession, job: MaskingJob, ledger: Ledger, work: TableWork, leftOver?: Chunk) {
  work.pace.startedAt ??= performance.now();
  const chunk = leftOver ?? (await takeChunk(session, job, ledger, work.table, work.size));
  if (!leftOver && (chunk?.high ?? null) === null) work.walked = true;
  if (!chunk) return;
  const { rows, nextSize } = await maskChunk(session, job, ledger, work.table, chunk);
  work.size = nextSize;
  work.pace.rowsDone += rows;
  report(job, work, "masking");
}

/** Waits for chunks that another engine works on, or masks them in its place, before the keys are restored. */
async function finishTable(session: WriteSession, job: MaskingJob, ledger: Ledger, work: TableWork): Promise<void> {
  try {
    for (const chunk of await unfinishedChunks(session, ledger, work.table)) {
      const { rows } = await maskChunk(session, job, ledger, work.table, chunk);
      work.pace.rowsDone += rows;
    }
    if (work.table.keys === "untouched") return;
    report(job, work, "restoring keys");
    const onBegin = () => void sleep(HEAD_START_MS).then(() => work.restoring.resolve(true));
    await restoreKeys(session, job, ledger, work.table, onBegin);
  } finally {
    work.finished = true;
    work.restoring.resolve(false);
  }
}

/** Tells how far the table is, how fast it goes, and how long it will take at that rate. */
export function report(job: MaskingJob, { table, pace }: TableWork, doing: MaskingProgress["doing"]): void {
  const { rowsDone, rowsAtFirst, startedAt } = pace;
  const seconds = startedAt === undefined ? 0 : (performance.now() - startedAt) / 1000;
  const rate = seconds > 0 ? (rowsDone - rowsAtFirst) / seconds : 0;
  const rowsTotal = table.rowsBefore;
  job.onProgress?.({
    ...{ table: table.plan.table, doing, rowsDone, rowsTotal },
    ...(rate > 0 && { rowsPerSecond: rate, secondsLeft: Math.max(0, rowsTotal - rowsDone) / rate }),
  });
}
