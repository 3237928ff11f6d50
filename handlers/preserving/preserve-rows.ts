// Carries the planned rows into the copy: collect, decide, insert. A kill at any instant leaves every row once.
import { FatalError, isFatal } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { together } from "../together.ts";
import { collect } from "./collect.ts";
import { telling } from "./errors.ts";
import type { Merging } from "./merging.ts";
import { keepSessions } from "./kept-sessions.ts";
import type { PreservePlan } from "./preserve-plan.ts";
import { runRound, type Pace, type PlacedStep } from "./run-round.ts";
import { roundsOf, type Step } from "./steps.ts";
import { withinTime } from "./within-time.ts";
import { analyze, beginAfresh, makeTables } from "./work-tables.ts";
import {
  DEFAULT_WORK_DATABASE,
  fingerprint,
  NUMBER,
  readState,
  workspaceOf,
  writeState,
  type State,
} from "./workspace.ts";

/** Rows of one transaction: a tenth of a second of work, several tables at a time. */
const BATCH_ROWS = 10_000;

/** Those that sum up production while staging is read: more of them would keep processors from reading. */
const SESSIONS_MEANWHILE = 1;

export interface PreserveProgress {
  readonly table: string;
  readonly rowsDone: number;
  readonly rowsTotal: number;
}

export interface PreserveOptions {
  readonly plan: PreservePlan;
  /** Taken for the snapshot; the caller closes it. */
  readonly staging: ReadSession;
  readonly stagingDatabase: string;
  /** Opens a session on the replica's server; it is closed here. The caller holds the fence on the replica. */
  readonly open: () => Promise<WriteSession>;
  /** The masked copy on that server. */
  readonly database: string;
  /** Looked at between batches; a call does one batch at least. */
  readonly signal: AbortSignal;
  /** How long reading staging may take, which no later call can go on with; left out: as long as it takes. */
  readonly collectMs?: number;
  /** Gives the session what the masks of the plan read: the masking key, in variables. */
  readonly setKey?: (session: WriteSession) => Promise<void>;
  readonly onProgress?: (progress: PreserveProgress) => void;
  /** The database for work tables; it must vanish with the copy. */
  readonly workDatabase?: string;
  readonly batchRows?: number;
}

/**
 * Carries staging's rows into the copy, as far as time allows. Call it again with the same plan until it is finished.
 *
 * Collecting, out of one snapshot of staging, runs to its end within one call and starts afresh when it was interrupted;
 * everything after it goes in batches that commit with their record. Production's rows are never updated.
 *
 * @throws FatalError `PRESERVE_PLAN_CHANGED`, `PRESERVE_WHERE`, `PRESERVE_COLLECTING_TOO_LONG`, `PRESERVE_IDS_EXHAUSTED`,
 *   `PRESERVE_REFUSED` and those of check.ts; RetryAfter `PRESERVE_INTERRUPTED`
 */
export async function preserveRows(options: PreserveOptions): Promise<"finished" | "out-of-time"> {
  const { plan, database, workDatabase = DEFAULT_WORK_DATABASE } = options;
  return telling("carrying over the rows to preserve", async () => {
    await using sessions = keepSessions(() => openSession(options));
    const session = await sessions.open();
    const workspace = workspaceOf(plan, workDatabase);
    return await work(options, { plan, session, workspace, database, open: sessions.open });
  });
}

async function openSession({ open, setKey }: PreserveOptions): Promise<WriteSession> {
  const session = await open();
  try {
    // Rows are inserted with their references already right, in any order; the proof looks at every one of them.
    await session.run("SET SESSION foreign_key_checks = 0");
    await setKey?.(session);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function work(options: PreserveOptions, context: Merging): Promise<"finished" | "out-of-time"> {
  const { session, workspace, plan } = context;
  const before = await readState(session, workspace);
  const collects = needsCollecting(plan, before);
  const rounds = placed(roundsOf(plan));
  let worked = collects;
  // A call does one batch at least.
  const mayGoOn = () => {
    const may = !worked || !options.signal.aborted;
    worked = true;
    return may;
  };
  const pace = {
    batchRows: options.batchRows ?? BATCH_ROWS,
    mayGoOn,
    onBatch: (step: Step, on: Merging, upTo: number) => report(options, on, step, upTo),
  };
  let state = before && !collects ? before : await collectAll(options, context, rounds[0] ?? [], pace);
  for (let steps = rounds[state.round]; steps; steps = rounds[state.round]) {
    try {
      if (!(await runRound(context, steps, pace))) return "out-of-time";
    } catch (error) {
      // Nothing is inserted yet, so a replay may read staging again, where the operator has mended the cause.
      if (isFatal(error) && state.phase === "deciding") await forget(context, state);
      throw error;
    }
    const checked = steps.some(({ step }) => step.kind === "check");
    state = { ...state, round: state.round + 1, ...(checked && { phase: "inserting" }) };
    await writeState(session, workspace, state);
  }
  return "finished";
}

function placed(rounds: readonly (readonly Step[])[]) {
  let place = 0;
  return rounds.map((steps) => steps.map((step) => ({ step, place: place++ })));
}

/** Before the first row is inserted, a plan that has changed (a rule corrected, then replayed) only means to start afresh. */
function needsCollecting(plan: PreservePlan, state: State | undefined): boolean {
  if (!state || state.phase === "collecting") return true;
  if (state.plan === fingerprint(plan)) return false;
  if (state.phase === "deciding") return true;
  throw new FatalError(
    "PRESERVE_PLAN_CHANGED",
    "The rules in `preserve`, or a schema, changed after rows were carried over. Abandon the run and request a new one.",
  );
}

/** Starts afresh; what needs no rows of staging's is done meanwhile, as far as it goes. */
async function collectAll(
  { staging, stagingDatabase, collectMs }: PreserveOptions,
  context: Merging,
  first: readonly PlacedStep[],
  pace: Pace,
): Promise<State> {
  const { plan, session, workspace, database, open } = context;
  const state: State = { plan: fingerprint(plan), phase: "collecting", round: 0 };
  await writeState(session, workspace, state);
  await beginAfresh(session, workspace);
  const read = async () => {
    await makeTables(open, plan, workspace);
    const inTime = withinTime(staging, collectMs);
    await collect({ plan, staging: inTime, stagingDatabase, session, open, workspace, database });
  };
  let isReading = true;
  const reading = read().finally(() => (isReading = false));
  const remembering = rememberMeanwhile(context, first, {
    ...{ ...pace, sessions: SESSIONS_MEANWHILE },
    mayGoOn: () => isReading && pace.mayGoOn(),
  });
  await together([reading, remembering]);
  await analyze(open, plan, workspace, database);
  const collected: State = { ...state, phase: "deciding" };
  await writeState(session, workspace, collected);
  return collected;
}

async function rememberMeanwhile(context: Merging, first: readonly PlacedStep[], pace: Pace): Promise<void> {
  const session = await context.open();
  try {
    await runRound(
      { ...context, session },
      first.filter(({ step }) => step.kind === "remember"),
      pace,
    );
  } finally {
    await session.close();
  }
}

async function forget({ session, workspace }: Merging, state: State): Promise<void> {
  await session.run("ROLLBACK");
  await writeState(session, workspace, { ...state, phase: "collecting" });
}

async function report({ onProgress }: PreserveOptions, context: Merging, { kind, table }: Step, upTo: number) {
  if (!onProgress || kind !== "insert" || table === null) return;
  const [rows] = await context.session.query<{ done: string; total: string }>(
    `SELECT COUNT(IF(${NUMBER} <= ${upTo}, 1, NULL)) AS done, COUNT(*) AS total FROM ${context.workspace.rows(table)}`,
  );
  onProgress({ table, rowsDone: Number(rows?.done), rowsTotal: Number(rows?.total) });
}
