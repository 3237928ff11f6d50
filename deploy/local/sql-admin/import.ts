// A dump into a database, through sessions of its own; it stops at the first error.
import { FatalError, isFatal } from "../../../contracts/errors.ts";
import { type DumpStatement, dumpStatements } from "./dump-statements.ts";
import { ImportSessions } from "./import-sessions.ts";
import type { Job } from "./job.ts";

/**
 * Imports `sql`, unpacked. When it has ended, its statements on the server have.
 *
 * @throws FatalError or RetryAfter of toolError, DUMP_DAMAGED when it ends within a statement; the signal's reason.
 */
export async function importDump(job: Job, sql: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const sessions = new ImportSessions(job);
  const cancel = () => sessions.fail(signal.reason as Error);
  signal.addEventListener("abort", cancel);
  try {
    signal.throwIfAborted();
    await sessions.open();
    for await (const statement of untilDamage(job, dumpStatements(sql))) {
      await sessions.begin(statement);
    }
    await sessions.end();
  } catch (error) {
    await sessions.kill();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function* untilDamage(job: Job, statements: AsyncIterable<DumpStatement>): AsyncGenerator<DumpStatement> {
  try {
    yield* statements;
  } catch (error) {
    if (isFatal(error)) throw error;
    throw new FatalError(
      "DUMP_DAMAGED",
      `The dump \`${job.object}\` cannot be read to its end: it ends within a statement. Put a complete one there, or start a new run.`,
      { cause: error },
    );
  }
}
