// Dead letters: records what failed, marks the run failed, alerts. An operator replays it.
//
// Two kinds of message come here: the wrapper's own record of an error that no retry can mend, and the original
// message that the broker forwards when its deliveries are used up.
import { RetryAfter } from "../contracts/errors.ts";
import { Count } from "../events/common.ts";
import type { Event } from "../events/define-event.ts";
import { DeadLettered } from "../events/index.ts";
import { decode, digestOf, runAttribute, type IncomingMessage } from "../events/message.ts";
import { ABANDON, type Consumer } from "./consumers.ts";
import type { StageDeps } from "./stage-deps.ts";
import { fail, type FailOutcome } from "./state/lifecycle.ts";

/** Attributes that Pub/Sub adds: https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic */
const SOURCE_SUBSCRIPTION = "CloudPubSubDeadLetterSourceSubscription";
const SOURCE_ATTEMPTS = "CloudPubSubDeadLetterSourceDeliveryCount";

type Letter = DeadLettered["data"];

/**
 * Handles one message of the dead-letter topic. The same letter twice changes nothing.
 *
 * @param consumers all of them: a forwarded message names its own by subscription
 * @throws RetryAfter `STAGE_ALIVE` while another claim of that stage still works: its end decides
 */
export async function handleDeadLetter(
  message: IncomingMessage,
  consumers: readonly Consumer[],
  deps: StageDeps,
): Promise<FailOutcome["kind"] | "recorded"> {
  const letter = readLetter(message, consumers, deps);
  const outcome = await failStage(letter, deps);
  if (outcome.kind === "alive") {
    throw new RetryAfter("STAGE_ALIVE", outcome.remainingMs, `Stage \`${letter.stage}\` is still at work.`);
  }
  if (outcome.kind === "outdated") return "outdated";
  const { stage, runId, reason, source, failedAt } = letter;
  await deps.platform.runs.recordDeadLetter({
    // A forwarded message knows no epoch: with the failed claim's own, a failure after a replay is another letter.
    id: `${runId ?? "none"}/${DeadLettered.key(outcome.kind === "failed" ? { ...letter, epoch: outcome.epoch } : letter)}`,
    pipeline: deps.contract.pipeline,
    ...(runId === undefined ? {} : { runId }),
    stage,
    messageId: source.messageId,
    attempts: source.attempts,
    error: outcome.kind === "failed" ? outcome.error : reason,
    failedAt,
  });
  deps.log.error({ run: runId, stage, code: reason.code, alert: "dead-letter" }, "A stage was dead-lettered.");
  return outcome.kind;
}

function readLetter(message: IncomingMessage, consumers: readonly Consumer[], deps: StageDeps): Letter {
  const subscription = message.attributes[SOURCE_SUBSCRIPTION];
  if (subscription !== undefined) return forwardedLetter(message, subscription, consumers, deps);
  try {
    return decode(DeadLettered, message).data;
  } catch (error) {
    return unreadable(message, "dead-letter", (error as Error).message, deps);
  }
}

/** A message that the broker gave up on, as a letter: the claim that failed is not known, the stage's state is. */
function forwardedLetter(
  message: IncomingMessage,
  subscription: string,
  consumers: readonly Consumer[],
  deps: StageDeps,
): Letter {
  const name = subscription.slice(subscription.lastIndexOf("/") + 1);
  // A world may put a prefix before its subscriptions' names.
  const stage = consumers.find((candidate) => name === candidate.name || name.endsWith(`-${candidate.name}`));
  if (!stage) return unreadable(message, name, `No stage belongs to the subscription \`${name}\`.`, deps);
  try {
    const event = decode(stage.on, message);
    const runId = stage.on.run(event.data);
    const attempts = Count.catch(0).parse(Number(message.attributes[SOURCE_ATTEMPTS]));
    return {
      stage: stage.name,
      ...(runId === undefined ? {} : { runId }),
      // No stage's state stands behind a request to abandon a run: it is recorded alone.
      ...(stage.name === ABANDON ? { digest: digestOf(message) } : keyAndEvent(stage, event)),
      source: { topic: event.name, messageId: message.id, attempts },
      reason: {
        code: "DELIVERIES_EXHAUSTED",
        message: `Stage \`${stage.name}\` could not be delivered in ${attempts} attempts. Mend the cause, then ${stage.name === ABANDON ? "abandon the run again" : "replay the run"}.`,
      },
      failedAt: deps.platform.clock.now().toISOString(),
    };
  } catch (error) {
    return unreadable(message, stage.name, (error as Error).message, deps);
  }
}

function keyAndEvent({ on }: Consumer, { name, version, data }: Event): Pick<Letter, "key" | "event"> {
  return { key: on.key(data), event: { name, version, data: data as Record<string, unknown> } };
}

function unreadable(message: IncomingMessage, stage: string, reason: string, deps: StageDeps): Letter {
  const runId = runAttribute(message);
  return {
    stage,
    ...(runId === undefined ? {} : { runId }),
    source: { topic: message.topic, messageId: message.id, attempts: message.attempt },
    digest: digestOf(message),
    reason: { code: "NOT_AN_EVENT", message: reason },
    failedAt: deps.platform.clock.now().toISOString(),
  };
}

async function failStage(letter: Letter, deps: StageDeps): Promise<FailOutcome | { readonly kind: "recorded" }> {
  const { runId, key, event } = letter;
  if (runId === undefined || key === undefined || !event) return { kind: "recorded" };
  const { runs, clock } = deps.platform;
  return runs.update<FailOutcome | { readonly kind: "recorded" }>(runId, (run) =>
    run
      ? fail(run, {
          ...{ stage: letter.stage, key, event, epoch: letter.epoch },
          error: letter.reason,
          now: clock.now(),
          graceMs: deps.settings.leaseMs,
        })
      : // A run that could not even be opened: there is nothing to mark, and it must not go unheard.
        { result: { kind: "recorded" } },
  );
}
