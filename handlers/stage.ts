// The one place that knows delivery: every message of every stage goes through `deliver`.
import {
  FatalError,
  isFatal,
  isRetryAfter,
  RetryAfter,
  summarizeError,
  type ErrorSummary,
} from "../contracts/errors.ts";
import type { Platform } from "../contracts/platform.ts";
import { stageId } from "../contracts/run.ts";
import { waiting, type Logger, type Stage, type StageResult } from "../contracts/stage.ts";
import type { Event } from "../events/define-event.ts";
import { DeadLettered } from "../events/index.ts";
import { decode, digestOf, runAttribute, type IncomingMessage } from "../events/message.ts";
import type { RunId } from "../events/run-id.ts";
import { LeaseLost, openClaim, type HeldClaim } from "./claim.ts";
import { openRun } from "./open-run.ts";
import type { StageDeps } from "./stage-deps.ts";
import { claim, release, finish, type Claim } from "./state/claims.ts";

export type { StageDeps, StageSettings } from "./stage-deps.ts";

/** What came of a delivery; in every case the message is acknowledged. Redelivery is asked for by throwing. */
export type Outcome =
  | "done"
  | "waiting" // saved, and published again as a continuation
  | "duplicate" // done before: its outputs were published again
  | "ignored" // meant for another stage, or for nobody
  | "refused" // another run is active
  | "closed" // the run is over, or unknown
  | "premature" // an event that the stage before it has not published
  | "lost" // another claim took over while this one worked
  | "dead-lettered";

/** What a run does not come back from. */
const OVER: ReadonlySet<string> = new Set(["synced", "abandoning", "abandoned", "refused"]);

type Context = { readonly stage: Stage; readonly message: IncomingMessage; readonly deps: StageDeps };

/**
 * Handles one message for one stage: decodes, claims, runs, records, publishes.
 *
 * @throws whatever the stage threw, when another delivery may succeed: the broker delivers again with backoff, and not
 *   before `afterMs` of a RetryAfter.
 */
export async function deliver<Data>(stage: Stage<Data>, message: IncomingMessage, deps: StageDeps): Promise<Outcome> {
  const context: Context = { stage, message, deps };
  let event: Event;
  try {
    event = decode(context.stage.on, message);
  } catch (error) {
    await deadLetterUndecodable(context, error as Error);
    return "dead-lettered";
  }
  const runId = context.stage.on.run(event.data);
  if (runId === undefined || context.stage.accepts?.(event.data, deps.platform.objects) === false) return "ignored";
  const log = deps.log.child({ run: runId, stage: stage.name, attempt: message.attempt });
  switch (await openRun(deps, stage.opens?.(event.data as Data), runId, log)) {
    case "refused":
      return "refused";
    case "unknown-pipeline":
      await deadLetterUndecodable(context, unknownPipeline(deps.contract.pipeline));
      return "dead-lettered";
    case "open":
      return deliverClaimed(context, event, runId, log);
  }
}

async function deliverClaimed(context: Context, event: Event, runId: RunId, log: Logger): Promise<Outcome> {
  const { stage, deps } = context;
  const id = stageId(stage.name, stage.on.key(event.data));
  const claimed = await claimStage(context, event, runId);
  switch (claimed.kind) {
    case "already-done":
      await publishAll(deps.platform, claimed.outputs);
      return "duplicate";
    case "closed":
      // A failed run may be replayed, and an unknown one is not ours to judge.
      if (OVER.has(claimed.status)) await stage.afterwards?.(event.data, deps.platform);
      log.info({ status: claimed.status }, "The run is closed: nothing to do.");
      return "closed";
    case "premature":
      log.warn({ requires: claimed.requires }, "An event that the stage before did not publish: not believed.");
      return "premature";
    case "leased":
      throw new RetryAfter(
        "STAGE_LEASED",
        claimed.remainingMs,
        `Stage \`${id}\` of run \`${runId}\` is at work elsewhere.`,
      );
    case "claimed":
      return work(
        context,
        event,
        openClaim({ ...deps, runId, held: { id, epoch: claimed.epoch }, log }, claimed.checkpoint),
      );
  }
}

/** Runs the stage under its claim, and turns what comes of it into state, events and an outcome. */
async function work(context: Context, event: Event, held: HeldClaim): Promise<Outcome> {
  const { stage, deps } = context;
  held.log.info({ epoch: held.epoch }, "Stage started.");
  let result: StageResult;
  try {
    result = await runWhenFree(context, event, held);
  } catch (error) {
    await held.stop();
    return failed(context, event, held, error);
  }
  await held.stop();
  const { runs, clock } = deps.platform;
  const now = clock.now();
  if (result.status === "waiting") {
    const released = await runs.update(held.runId, (run) => release(run, held, { now }));
    if (!released) return lost(held);
    await deps.platform.bus.publish(event);
    held.log.info({}, "Out of time: goes on in a continuation.");
    return "waiting";
  }
  const change = { now, outputs: result.outputs, summary: result.summary, closes: stage.closesRun ?? false };
  const finished = change.closes
    ? await runs.updateWithLock(deps.contract.pipeline, held.runId, (run) => finish(run, held, change))
    : await runs.update(held.runId, (run) => finish(run, held, change));
  if (!finished) return lost(held);
  await publishAll(deps.platform, result.outputs);
  held.log.info({ ...result.summary }, "Stage done.");
  return "done";
}

/**
 * Runs the stage, and again where another was at work (a backup on the instance, a claim that is going away): that may
 * take hours and is no failure, so it spends no delivery attempt.
 */
async function runWhenFree({ stage, deps }: Context, event: Event, held: HeldClaim): Promise<StageResult> {
  const { bus: _bus, ...platform } = deps.platform;
  const { signal, progress } = held.context;
  let told: string | undefined;
  for (;;) {
    try {
      return await stage.run(event, { ...held.context, contract: deps.contract, platform });
    } catch (error) {
      if (!isRetryAfter(error) || !error.busy) throw error;
      if (told !== error.code) held.log.info({ error: summarizeError(error) }, "Another is at work: waited for.");
      told = error.code;
      progress({ unit: "steps", done: 0, doing: `waiting (${error.code})` });
      await platform.clock.sleep(error.afterMs, signal);
      if (signal.aborted) return waiting();
    }
  }
}

async function failed(context: Context, event: Event, held: HeldClaim, error: unknown): Promise<Outcome> {
  const { deps, message, stage } = context;
  const summary = summarizeError(error);
  if (error instanceof LeaseLost) return lost(held);
  if (!isFatal(error)) {
    held.log.warn({ error: summary }, "Stage failed; it will be delivered again.");
    const now = deps.platform.clock.now();
    await deps.platform.runs.update(held.runId, (run) => release(run, held, { now, lastError: summary }));
    throw error;
  }
  held.log.error({ error: summary }, "Stage failed; no retry can mend it.");
  await publishDeadLetter(deps, {
    stage: stage.name,
    runId: held.runId,
    key: stage.on.key(event.data),
    epoch: held.epoch,
    source: sourceOf(message),
    event: { name: event.name, version: event.version, data: event.data as Record<string, unknown> },
    reason: summary,
  });
  return "dead-lettered";
}

function lost(held: HeldClaim): Outcome {
  held.log.warn({ epoch: held.epoch }, "The claim was lost to another one: nothing of this one counts.");
  return "lost";
}

async function claimStage({ stage, deps }: Context, event: Event, runId: RunId): Promise<Claim> {
  const { clock, runs } = deps.platform;
  return runs.update(runId, (run) =>
    claim(run, {
      stage: stage.name,
      key: stage.on.key(event.data),
      event,
      owner: deps.owner,
      now: clock.now(),
      leaseMs: deps.settings.leaseMs,
      requires: stage.requires?.(event.data),
    }),
  );
}

function unknownPipeline(pipeline: string): FatalError {
  return new FatalError(
    "UNKNOWN_PIPELINE",
    `A sync was requested of another pipeline than \`${pipeline}\`, which is the one here. Publish the request with that name.`,
  );
}

/** A message that opens no run and belongs to none: kept by its digest and reason alone. */
async function deadLetterUndecodable({ stage, message, deps }: Context, error: Error): Promise<void> {
  const code = "code" in error && typeof error.code === "string" ? error.code : "NOT_AN_EVENT";
  const runId = runAttribute(message);
  await publishDeadLetter(deps, {
    stage: stage.name,
    ...(runId === undefined ? {} : { runId }),
    source: sourceOf(message),
    digest: digestOf(message),
    reason: { code, message: error.message },
  });
}

type Letter = Omit<DeadLettered["data"], "failedAt"> & { reason: ErrorSummary };

async function publishDeadLetter({ platform }: StageDeps, letter: Letter): Promise<void> {
  await platform.bus.publish(DeadLettered.create({ ...letter, failedAt: platform.clock.now().toISOString() }));
}

function sourceOf(message: IncomingMessage): DeadLettered["data"]["source"] {
  return { topic: message.topic, messageId: message.id, attempts: message.attempt };
}

async function publishAll(platform: Platform, events: readonly Event[]): Promise<void> {
  for (const event of events) await platform.bus.publish(event);
}
