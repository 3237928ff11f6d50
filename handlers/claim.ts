// A claim that is held: its lease renewed while the stage works, its checkpoint, progress and abort signal.
import type { Platform } from "../contracts/platform.ts";
import type { Progress } from "../contracts/run.ts";
import type { Checkpoint, Logger, StageContext } from "../contracts/stage.ts";
import type { RunId } from "../events/run-id.ts";
import type { StageSettings } from "./stage-deps.ts";
import { renew, type Held } from "./state/claims.ts";

/** The claim belongs to another epoch now: whatever this one still does counts for nothing. */
export class LeaseLost extends Error {
  constructor(id: string) {
    super(`The claim on stage \`${id}\` was taken over.`);
    this.name = "LeaseLost";
  }
}

export interface HeldClaim extends Held {
  readonly runId: RunId;
  readonly log: Logger;
  /** What of the stage's context comes from its claim. */
  readonly context: Pick<
    StageContext,
    "runId" | "epoch" | "checkpoint" | "confirm" | "progress" | "signal" | "cutOffMs" | "log"
  >;
  /** Ends the heartbeat and waits for one that is under way; the last progress is stored. */
  stop(): Promise<void>;
}

interface ClaimDeps {
  readonly platform: Platform;
  readonly settings: StageSettings;
  readonly runId: RunId;
  readonly held: Held;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** Starts the heartbeat of a claim that was just given, with the checkpoint that it came with. */
export function openClaim(deps: ClaimDeps, checkpoint: unknown): HeldClaim {
  const { platform, settings, runId, held, log } = deps;
  const { runs, clock } = platform;
  const ending = new AbortController();
  // A timer of our own: what AbortSignal.any makes of an AbortSignal.timeout is collected before it fires (Node 24.21).
  const budget = setTimeout(() => ending.abort(new Error("The time budget is spent.")), settings.budgetMs);
  const signal = deps.signal ? AbortSignal.any([ending.signal, deps.signal]) : ending.signal;
  let lost = false;
  let latest = checkpoint;
  let progress: Progress | undefined;
  let beating: Promise<unknown> = Promise.resolve();

  // What was saved last goes with every write: of two that are under way, the store may take the later one first.
  const facts = () => ({
    ...{ now: clock.now(), leaseMs: settings.leaseMs, checkpoint: latest },
    ...(progress ? { progress } : {}),
  });
  const store = async (): Promise<void> => {
    if (await runs.update(runId, (run) => renew(run, held, facts()))) return;
    lost = true;
    ending.abort(new LeaseLost(held.id));
    throw new LeaseLost(held.id);
  };
  const timer = setInterval(() => {
    // A heartbeat that fails is only missed: the next one, or the commit, finds out whether the claim still holds.
    beating = store().catch((error: unknown) => log.debug({ error: String(error) }, "A heartbeat was missed."));
  }, settings.heartbeatMs);

  const kept: Checkpoint = {
    get value() {
      return latest;
    },
    async save(value) {
      latest = value;
      await store();
    },
  };
  return {
    ...held,
    runId,
    log,
    context: {
      runId,
      epoch: held.epoch,
      checkpoint: kept,
      confirm: store,
      progress: (next) => void (progress = next),
      signal,
      ...(settings.cutOffMs !== undefined && { cutOffMs: settings.cutOffMs }),
      log,
    },
    async stop() {
      clearTimeout(budget);
      clearInterval(timer);
      await beating;
      if (progress && !lost) await store().catch(() => undefined);
    },
  };
}
