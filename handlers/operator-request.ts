// What an operator asks of a function that is no stage: it works beside runs, or on those that are closed to stages.
import { isFatal } from "../contracts/errors.ts";
import type { Logger } from "../contracts/stage.ts";
import type { DefinedEvent } from "../events/define-event.ts";
import { DeadLettered } from "../events/index.ts";
import { decode, digestOf, runAttribute, type IncomingMessage } from "../events/message.ts";
import type { StageDeps } from "./stage-deps.ts";

interface Request<Data> {
  /** The function's name: its subscription's, and what a dead letter says. */
  readonly consumer: string;
  readonly on: DefinedEvent<string, Data>;
  /** The same request twice is answered once. Says whether there was anything to do. */
  readonly answer: (data: Data, log: Logger) => Promise<boolean>;
}

/**
 * Answers the request that the message brings.
 *
 * @returns `ignored` where there is nothing to do
 * @throws RetryAfter, or what else another delivery may mend; what none can becomes a dead letter
 */
export async function handleRequest<Data>(
  message: IncomingMessage,
  deps: StageDeps,
  { consumer, on, answer }: Request<Data>,
): Promise<"done" | "ignored" | "dead-lettered"> {
  try {
    const { data } = decode(on, message);
    const run = runAttribute(message);
    const log = deps.log.child({ ...(run === undefined ? {} : { run }), stage: consumer, attempt: message.attempt });
    return (await answer(data, log)) ? "done" : "ignored";
  } catch (error) {
    if (!isFatal(error) && !isUndecodable(error)) throw error;
    await publishDeadLetter(message, error as Error, consumer, deps);
    return "dead-lettered";
  }
}

function isUndecodable(error: unknown): boolean {
  return error instanceof Error && error.name === "DecodeError";
}

async function publishDeadLetter(
  message: IncomingMessage,
  error: Error,
  stage: string,
  { platform }: StageDeps,
): Promise<void> {
  const runId = runAttribute(message);
  const code = "code" in error && typeof error.code === "string" ? error.code : "NOT_AN_EVENT";
  await platform.bus.publish(
    DeadLettered.create({
      stage,
      ...(runId === undefined ? {} : { runId }),
      source: { topic: message.topic, messageId: message.id, attempts: message.attempt },
      digest: digestOf(message),
      reason: { code, message: error.message },
      failedAt: platform.clock.now().toISOString(),
    }),
  );
}
