// A session of staging's that gives no more rows when the time is over: what is read in one go cannot go on later.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";

const MINUTE_MS = 60_000;

/**
 * The same session; each query, and each page of rows, is asked for before the time is over or not at all.
 *
 * @param ms from now; undefined: for ever
 * @throws FatalError `PRESERVE_COLLECTING_TOO_LONG`, from the session
 */
export function withinTime(session: ReadSession, ms: number | undefined): ReadSession {
  if (ms === undefined) return session;
  const end = performance.now() + ms;
  let rows = 0;
  const check = () => {
    if (performance.now() >= end) refuse(ms, rows);
  };
  async function* pages<Row>(read: () => AsyncIterable<Row[]>): AsyncGenerator<Row[]> {
    check();
    for await (const page of read()) {
      rows += page.length;
      yield page;
      check();
    }
  }
  return {
    ...session,
    async query<Row>(sql: string, values?: readonly unknown[]) {
      check();
      return session.query<Row>(sql, values);
    },
    pages: <Row>(sql: string, values?: readonly unknown[]) => pages(() => session.pages<Row>(sql, values)),
  };
}

function refuse(ms: number, rows: number): never {
  const minutes = (ms / MINUTE_MS).toLocaleString("en-US", { maximumFractionDigits: 1 });
  throw new FatalError(
    "PRESERVE_COLLECTING_TOO_LONG",
    `Staging's rows to preserve are read in one snapshot, so in one go, and that takes longer than the ${minutes} minutes that a function has: it was stopped after ${rows.toLocaleString("en-US")} rows. Nothing was carried over. Give the columns by which rows refer (those of \`references\` too) an index in staging, or narrow \`where\` and \`follow\` in sync.yaml, then replay the run. \`understudy plan --preserve\` counts the rows.`,
  );
}
