// Several sessions working off one list of steps.
import type { WriteSession } from "../../contracts/platform.ts";
import { explain } from "./mysql-errors.ts";
import type { MaskingJob } from "./job.ts";
import { setKey } from "./keyed.ts";
import { checkLogs } from "./preflight.ts";
import type { TablePlan } from "./plan.ts";

/** One piece of work, short enough to end before a function's time does. */
export interface Step {
  readonly table: TablePlan;
  /** Most of it is this process's work, which has one thread: two such steps at a time take as long as one after the other. */
  readonly onClient?: true;
  /** A part of it that another session may do meanwhile; undefined where none is left. */
  readonly share?: () => Step["run"] | undefined;
  run(session: WriteSession): Promise<void>;
}

/** The sessions of one call. */
export class Workers {
  readonly #job: MaskingJob;
  readonly #sessions: WriteSession[] = [];
  #started = 0;

  constructor(job: MaskingJob) {
    this.#job = job;
  }

  /** The first session, for work that comes before the steps. */
  async first(): Promise<WriteSession> {
    return this.#sessions[0] ?? (await this.#open());
  }

  /**
   * Runs the steps, as many at a time as there are sessions: in order, but that one at a time is the client's for as long as
   * there are others, so that neither client nor server waits for the other. What that one shares comes before the others.
   * Ends and throws as `runFrom` does.
   */
  async runAll(steps: readonly Step[]): Promise<boolean> {
    const onClient = steps.filter((step) => step.onClient);
    const others = steps.filter((step) => !step.onClient);
    let busy: Step | undefined;
    const take = () => {
      const part = busy?.share?.();
      if (busy && part) return { table: busy.table, run: part };
      const step = (busy ? undefined : onClient.shift()) ?? others.shift() ?? onClient.shift();
      if (!step?.onClient) return step;
      busy = step;
      return { ...step, run: (session: WriteSession) => step.run(session).finally(() => (busy = undefined)) };
    };
    return this.runFrom(take, steps.some(({ share }) => share) ? undefined : steps.length);
  }

  /**
   * Runs steps for as long as there are any, as many at a time as there are sessions.
   *
   * The first error stops them all: steps that run end, none begins, and it is thrown.
   *
   * @param take gives the next step; undefined where there is none now. It is asked again when a step ends, since a step may
   * give rise to others: first for that step's session, then for those that wait.
   * @param most sessions that could be of use
   * @returns false when time ran out before the last step had begun.
   */
  async runFrom(take: () => Step | undefined, most = this.#job.connections): Promise<boolean> {
    let failed = false;
    let finished = true;
    let running = 0;
    let stepEnds = Promise.withResolvers<void>();
    const runStep = async (step: Step, i: number): Promise<void> => {
      this.#started++;
      running++;
      try {
        await step.run(this.#sessions[i] ?? (await this.#open()));
      } catch (error) {
        failed = true;
        throw explain(error, step.table);
      } finally {
        running--;
        stepEnds.resolve();
        stepEnds = Promise.withResolvers();
      }
    };
    const work = async (i: number): Promise<void> => {
      for (;;) {
        if (failed) return;
        const step = take();
        if (!step && running === 0) return;
        if (step && this.#job.signal.aborted && this.#started > 0) {
          finished = false;
          return;
        }
        await (step ? runStep(step, i) : stepEnds.promise);
      }
    };
    const wanted = Math.min(this.#job.connections, most);
    while (this.#sessions.length < wanted) await this.#open();
    const outcomes = await Promise.allSettled(Array.from({ length: wanted }, (_, i) => work(i)));
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure) throw failure.reason;
    return finished;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
  }

  async #open(): Promise<WriteSession> {
    const session = await this.#job.open();
    this.#sessions.push(session);
    await checkLogs(session);
    await setKey(session, this.#job.key);
    return session;
  }
}

/** Opens workers for the time of `use`; their sessions are closed however it ends. */
export async function withWorkers<Result>(
  job: MaskingJob,
  use: (workers: Workers) => Promise<Result>,
): Promise<Result> {
  const workers = new Workers(job);
  try {
    return await use(workers);
  } catch (error) {
    throw explain(error);
  } finally {
    await workers.close();
  }
}
