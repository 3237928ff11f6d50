// The local world whole: its platform, with every stage subscribed to its event.
import { hostname } from "node:os";
import { isRetryAfter } from "../../contracts/errors.ts";
import type { ServersContract } from "../../contracts/sync-contract.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { handleAbandonRequest } from "../../handlers/abandon-request.ts";
import { ABANDON, consumers, DEAD_LETTER, ROLLBACK } from "../../handlers/consumers.ts";
import { handleDeadLetter } from "../../handlers/dead-letter.ts";
import { rollBack } from "../../handlers/rollback.ts";
import { handleRollbackRequest } from "../../handlers/rollback-request.ts";
import { deliver, type StageDeps, type StageSettings } from "../../handlers/stage.ts";
import { stages } from "../../handlers/stages.ts";
import type { RollbackRequested } from "../../events/index.ts";
import type { IncomingMessage } from "../../events/message.ts";
import type { World, WorldOptions } from "../world.ts";
import { examineLocal } from "./doctor.ts";
import { openLocalPlatform, type LocalPlatform, type LocalPlatformOptions } from "./platform.ts";

const SETTINGS: StageSettings = {
  // Nobody ends a process here after 600 s as Pub/Sub does with a push; the same budget keeps the same code exercised.
  budgetMs: 540_000,
  // A killed process is back at work at once: waiting a minute for its lease would be the longest part of a run.
  leaseMs: 10_000,
  // A write to SQLite is cheap, and somebody is watching.
  heartbeatMs: 500,
};

/** All that there are, also in a process that only publishes: an event waits for the one that works. */
export const SUBSCRIPTIONS = consumers.map(({ name, on }) => ({ name, topic: on.name }));

export interface LocalWorldOptions extends WorldOptions {
  readonly platformSettings?: LocalPlatformOptions["settings"];
}

/** Opens the local world of a contract. Nothing is delivered until `work.start()`. */
export async function openLocalWorld(
  contract: ServersContract,
  { settings, platformSettings, ...options }: LocalWorldOptions,
): Promise<World & { readonly platform: LocalPlatform }> {
  const platform = await openLocalPlatform(contract, {
    ...options,
    subscriptions: SUBSCRIPTIONS,
    ...(platformSettings ? { settings: platformSettings } : {}),
  });
  subscribeStages(platform, {
    ...{ contract, platform, log: options.log },
    settings: { ...SETTINGS, ...settings },
    owner: `${hostname()}/${process.pid}`,
  });
  return {
    platform,
    work: { start: () => platform.start(), stop: () => platform.stop() },
    abandon: (runId, reason) => abandonRun(platform, contract, runId, reason),
    rollBack: (request) => rollBackNow(platform, contract, request),
    examine: () => examineLocal(platform, contract, options),
    close: () => platform.close(),
  };
}

/** A restore is waited for here: nobody delivers the request again. */
async function rollBackNow(
  platform: LocalPlatform,
  contract: ServersContract,
  request: RollbackRequested["data"],
): Promise<void> {
  for (;;) {
    try {
      await rollBack(platform, contract, request);
      return;
    } catch (error) {
      if (!isRetryAfter(error) || !error.busy) throw error;
      await platform.clock.sleep(platform.sql.poll.longestMs);
    }
  }
}

/** Subscribes every stage, and what is beside them, to its topic. `deps.platform` is what the stages get. */
export function subscribeStages({ bus }: Pick<LocalPlatform, "bus">, deps: StageDeps): void {
  for (const { name, on } of consumers) {
    bus.subscribe({
      ...{ name, topic: on.name, deadLetter: name !== DEAD_LETTER },
      handler: async (message, signal) => void (await handle(name, message, { ...deps, signal })),
    });
  }
}

function handle(consumer: string, message: IncomingMessage, deps: StageDeps): Promise<unknown> {
  if (consumer === ABANDON) return handleAbandonRequest(message, deps);
  if (consumer === ROLLBACK) return handleRollbackRequest(message, deps);
  if (consumer === DEAD_LETTER) return handleDeadLetter(message, consumers, deps);
  const stage = stages.find(({ name }) => name === consumer);
  if (!stage) throw new Error(`There is no stage ${consumer}.`);
  return deliver(stage, message, deps);
}
