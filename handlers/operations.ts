// Long jobs on an instance: started once, noted before they are followed, adopted after a crash.
import { FatalError, RetryAfter } from "../contracts/errors.ts";
import type { Operation, OperationRequest } from "../contracts/platform.ts";
import { type Looking, lookUntil } from "./look-until.ts";

/** A stage's note of an operation, part of its checkpoint. */
export interface OperationNote {
  readonly attempt: number;
  /** Its name, once it is started. */
  readonly operation?: string;
}

export type DoneOperation = Extract<Operation, { status: "DONE" }>;

interface Perform extends Looking {
  readonly note: OperationNote | undefined;
  readonly save: (note: OperationNote) => Promise<void>;
  readonly request: (attempt: number) => OperationRequest;
  /** Makes ready for an attempt that has not been started; for an import: an empty database. */
  readonly prepare?: (attempt: number) => Promise<void>;
}

/** Before an attempt after one that failed for a passing reason. */
const RETRY_MS = 2_000;

/**
 * Starts the operation or takes up the one in `note`, and follows it to its end.
 *
 * @returns the operation, or undefined when time ran out before its end
 * @throws FatalError or RetryAfter with the operation's own code when it failed; the next call is a new attempt
 */
export async function performOperation(perform: Perform): Promise<DoneOperation | undefined> {
  const { platform, save } = perform;
  const attempt = perform.note?.attempt ?? 1;
  let name = perform.note?.operation;
  if (name === undefined) {
    const request = perform.request(attempt);
    name = await platform.sql.find(request);
    if (name === undefined) {
      await perform.prepare?.(attempt);
      name = await platform.sql.start(request);
    }
    await save({ attempt, operation: name });
  }
  const operation = await followOperation(perform, name);
  if (!operation?.error) return operation;
  await save({ attempt: attempt + 1 });
  const { code, message, retryable } = operation.error;
  throw retryable ? new RetryAfter(code, RETRY_MS, message) : new FatalError(code, message);
}

/** Waits for an operation's end: undefined when `signal` aborts first. Looks at least once. */
export function followOperation(looking: Looking, name: string): Promise<DoneOperation | undefined> {
  return lookUntil(looking, async () => {
    const operation = await looking.platform.sql.get(name);
    return operation.status === "DONE" ? operation : undefined;
  });
}
