// The runner: one process for one operation. It outlives the pipeline's process, and writes its end to the state file.
import { json } from "node:stream/consumers";
import { FatalError, isRetryAfter, summarizeError } from "../../../contracts/errors.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { openQueue } from "../queue.ts";
import { connectionError } from "../databases.ts";
import { type LocalObjectStore, openObjectStore } from "../object-store.ts";
import { openState } from "../state.ts";
import { dump } from "./dump.ts";
import { importDump } from "./import.ts";
import { Job } from "./job.ts";
import { openOperations } from "./operations.ts";
import { findTool, type Flavour } from "./tools.ts";

/** Backups that stay: the newest of each database. */
const KEPT_BACKUPS = 3;

const cancelled = new AbortController();
process.on("SIGTERM", () => cancelled.abort());

await main(Job.parse(await json(process.stdin))); // a job that is cut off has lost its pipeline: nobody waits

async function main(job: Job): Promise<void> {
  const state = openState(job.statePath);
  const operations = openOperations(state);
  if (!operations.claim(job.operation)) return;
  const queue = openQueue(state);
  const objects = openObjectStore(job.dumps, state, (message) => queue.add(message));
  try {
    await perform(job, objects, cancelled.signal);
    operations.finish(job.operation, job.type === "backup" ? { backup: job.object } : {});
  } catch (error) {
    const reason = cancelled.signal.aborted ? cancellation() : error;
    operations.finish(job.operation, { error: { ...summarizeError(reason), retryable: isRetryAfter(reason) } });
  } finally {
    state.close();
  }
}

async function perform(job: Job, objects: LocalObjectStore, signal: AbortSignal): Promise<void> {
  const flavour = await flavourOf(job);
  signal.throwIfAborted();
  if (job.type === "import") {
    return importDump(job, await findTool("client", flavour), objects.read(job.object), signal);
  }
  await objects.write(job.object, dump(job, await findTool("dump", flavour), signal));
  if (job.type === "backup") await pruneBackups(job, objects);
}

/** Asks the server itself, which also tells at once when it is out of reach or does not let the account in. */
async function flavourOf({ role, server }: Job): Promise<Flavour> {
  try {
    const session = await openReadSession(role, server);
    const [row] = await session.query<{ version: string }>("SELECT VERSION() AS version");
    await session.close();
    return /mariadb/i.test(row?.version ?? "") ? "mariadb" : "mysql";
  } catch (error) {
    throw connectionError(role, server, error);
  }
}

/** Names begin with the time. */
async function pruneBackups({ database }: Job, objects: LocalObjectStore): Promise<void> {
  const backups = await objects.list("backups/");
  const mine = backups.map(({ name }) => name).filter((name) => name.endsWith(`-${database}.sql.gz`));
  for (const name of mine.toSorted().slice(0, -KEPT_BACKUPS)) await objects.remove(name);
}

function cancellation(): FatalError {
  return new FatalError("OPERATION_CANCELLED", "The operation was cancelled. Start a new run when you want one.");
}
