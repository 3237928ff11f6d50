// The function that abandons runs: by event, since only it, next to the replica, can reach everything that a run leaves.
import { isFatal } from "../contracts/errors.ts";
import { AbandonRequested, DeadLettered } from "../events/index.ts";
import { decode, digestOf, runAttribute, type IncomingMessage } from "../events/message.ts";
import { abandonAsRequested } from "./abandon.ts";
import { ABANDON } from "./consumers.ts";
import type { StageDeps } from "./stage-deps.ts";

/**
 * Abandons the run that the message names. The same message twice abandons it once.
 *
 * @returns `ignored` where there is nothing to abandon
 * @throws RetryAfter, or what else another delivery may mend; what none can becomes a dead letter
 */
export async function handleAbandonRequest(
  message: IncomingMessage,
  deps: StageDeps,
): Promise<"abandoned" | "ignored" | "dead-lettered"> {
  try {
    const { data } = decode(AbandonRequested, message);
    const log = deps.log.child({ run: data.runId, stage: ABANDON, attempt: message.attempt });
    const abandoned = await abandonAsRequested(deps.platform, deps.contract, data);
    log.info({}, abandoned ? "The run is abandoned." : "There is nothing to abandon.");
    return abandoned ? "abandoned" : "ignored";
  } catch (error) {
    if (!isFatal(error) && !isUndecodable(error)) throw error;
    await publishDeadLetter(message, error as Error, deps);
    return "dead-lettered";
  }
}

function isUndecodable(error: unknown): boolean {
  return error instanceof Error && error.name === "DecodeError";
}

async function publishDeadLetter(message: IncomingMessage, error: Error, { platform }: StageDeps): Promise<void> {
  const runId = runAttribute(message);
  const code = "code" in error && typeof error.code === "string" ? error.code : "NOT_AN_EVENT";
  await platform.bus.publish(
    DeadLettered.create({
      stage: ABANDON,
      ...(runId === undefined ? {} : { runId }),
      source: { topic: message.topic, messageId: message.id, attempts: message.attempt },
      digest: digestOf(message),
      reason: { code, message: error.message },
      failedAt: platform.clock.now().toISOString(),
    }),
  );
}
