// Stopping an operation, and waiting for its end: what it was doing is to be cleared away behind it.
import { isFatal, RetryAfter } from "../../../contracts/errors.ts";
import type { Clock, SqlAdmin } from "../../../contracts/platform.ts";
import { apiFailure } from "../api-error.ts";
import type { Asked } from "./api-errors.ts";
import type { SqlAdminClient } from "./client.ts";
import { type CloudOperation, describeInstance, OPERATION_TYPES, parseOperationName } from "./operation.ts";

/** How long to wait for the end: a function has nine minutes. */
const PATIENCE_MS = 5 * 60_000;
const NOT_ENDED_RETRY_MS = 30_000;

/** Others cannot be: https://cloud.google.com/sql/docs/mysql/import-export/cancel-import-export */
const CANCELLABLE: readonly unknown[] = [OPERATION_TYPES.export, OPERATION_TYPES.import];

/** No page says what cancelling needs; who may start an import may cancel one. */
const NEEDED = { permission: "cloudsql.instances.import", role: "roles/cloudsql.editor" };

interface Cancelling {
  readonly client: SqlAdminClient;
  readonly clock: Clock;
  readonly poll: SqlAdmin["poll"];
  readonly look: (name: string) => Promise<CloudOperation>;
  /** Tells a failed request's error as one of ours. */
  readonly ask: <Answer>(asked: Asked, call: () => Promise<Answer>) => Promise<Answer>;
}

/**
 * Resolves when the operation has ended. A backup or a restore cannot be cancelled: its own end is waited for. One that
 * Cloud SQL has forgotten has ended.
 *
 * @throws RetryAfter `OPERATION_NOT_ENDED` when it has not after five minutes
 */
export async function cancelOperation({ client, clock, poll, look, ask }: Cancelling, name: string): Promise<void> {
  const { instance, operation } = parseOperationName(name);
  const deadline = clock.now().getTime() + PATIENCE_MS;
  let isCancelled = false;
  for (let pauseMs = poll.firstMs; ; pauseMs = Math.min(pauseMs * 1.5, poll.longestMs)) {
    const current = await look(name).catch(endedIfUnknown);
    if (!current || current.status === "DONE") return;
    if (!isCancelled && CANCELLABLE.includes(current.operationType)) isCancelled = await cancelled();
    if (clock.now().getTime() > deadline) {
      throw new RetryAfter(
        "OPERATION_NOT_ENDED",
        NOT_ENDED_RETRY_MS,
        `The operation \`${operation}\` on ${describeInstance(instance)} was to end and has not yet. It is waited for again.`,
      );
    }
    await clock.sleep(pauseMs);
  }

  /** False where it is not in progress yet, or not any more: the next look tells. */
  function cancelled(): Promise<boolean> {
    const { project } = instance;
    return ask({ instance, ...NEEDED }, () =>
      client.operations.cancel({ project, operation }).then(
        () => true,
        (error: unknown) => {
          if (apiFailure(error)?.status === 400) return false;
          throw error;
        },
      ),
    );
  }
}

function endedIfUnknown(error: unknown): undefined {
  if (isFatal(error) && error.code === "OPERATION_UNKNOWN") return undefined;
  throw error;
}
