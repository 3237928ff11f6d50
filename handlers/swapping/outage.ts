// How long staging's readers go without an answer: measured by one of them.
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadSession } from "../../contracts/platform.ts";

/** Between two questions. What is measured is longer than it was by as much at most. */
const PAUSE_MS = 2;
/** A reader that gets no answer for so long after the work is done has lost its connection, which is no outage. */
const LAST_ANSWER_MS = 5_000;

/**
 * Asks all the time while `work` is done.
 *
 * @param sql a query that staging's readers might ask
 * @returns the work's result, and the longest time from one answer to the next, in milliseconds
 */
export async function measureOutage<Result>(
  session: ReadSession,
  sql: string,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly outageMs: number }> {
  const reader = new Reader(session, sql);
  await reader.ask(); // the connection's first statement is not staging's slowness
  reader.longestMs = 0;
  const asking = reader.askUntilStopped();
  try {
    const result = await work();
    reader.stop();
    await asking;
    for (const end = performance.now() + LAST_ANSWER_MS; !(await reader.ask()) && performance.now() < end;) {
      await sleep(PAUSE_MS);
    }
    return { result, outageMs: reader.longestMs };
  } finally {
    reader.stop();
    await asking;
  }
}

class Reader {
  /** The longest time from one answer to the next. */
  longestMs = 0;
  #answered = performance.now();
  #stopped = false;
  readonly #session: ReadSession;
  readonly #sql: string;

  constructor(session: ReadSession, sql: string) {
    this.#session = session;
    this.#sql = sql;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** False where there is no answer: the gap goes on. */
  async ask(): Promise<boolean> {
    try {
      await this.#session.query(this.#sql);
    } catch {
      return false;
    }
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - this.#answered);
    this.#answered = now;
    return true;
  }

  async askUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      await this.ask();
      await sleep(PAUSE_MS);
    }
  }
}
