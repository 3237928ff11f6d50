// The runner: one process for one operation. It outlives the pipeline's process, and writes its end to the state file.
import { json } from "node:stream/consumers";
import { isRetryAfter, summarizeError } from "../../../contracts/errors.ts";
import { openObjectStore } from "../object-store.ts";
import { openQueue } from "../queue.ts";
import { openState } from "../state.ts";
import { Job } from "./job.ts";
import { CANCELLED, openOperations } from "./operations.ts";
import { perform } from "./perform.ts";

const cancelled = new AbortController();
process.on("SIGTERM", () => cancelled.abort());

// It may wait for its job. One that never comes, or is cut off, has lost its pipeline: nobody waits for an answer.
await main(Job.parse(await json(process.stdin)));

async function main(job: Job): Promise<void> {
  const state = openState(job.statePath);
  const operations = openOperations(state);
  if (!operations.claim(job.operation)) return;
  const queue = openQueue(state);
  const objects = openObjectStore(job.dumps, state, (message) => queue.add(message));
  try {
    operations.finish(job.operation, await perform(job, objects, cancelled.signal));
  } catch (error) {
    const failure = { ...summarizeError(error), retryable: isRetryAfter(error) };
    operations.finish(job.operation, { error: cancelled.signal.aborted ? CANCELLED : failure });
  } finally {
    state.close();
  }
}
