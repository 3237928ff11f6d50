// The local world whole: its platform, with every stage subscribed to its event.
import { hostname } from "node:os";
import type { SyncContract } from "../../contracts/sync-contract.ts";
import { DeadLettered } from "../../events/index.ts";
import { handleDeadLetter } from "../../handlers/dead-letter.ts";
import { deliver, type StageDeps, type StageSettings } from "../../handlers/stage.ts";
import { stages } from "../../handlers/stages.ts";
import type { World, WorldOptions } from "../world.ts";
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
export const SUBSCRIPTIONS = [
  ...stages.map(({ name, on }) => ({ name, topic: on.name })),
  { name: "dead-letter", topic: DeadLettered.name },
];

export interface LocalWorldOptions extends WorldOptions {
  readonly platformSettings?: LocalPlatformOptions["settings"];
}

/** Opens the local world of a contract. Nothing is delivered until `work.start()`. */
export async function openLocalWorld(
  contract: SyncContract,
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
    close: () => platform.close(),
  };
}

/** Subscribes every stage, and the dead-letter handler, to its topic. `deps.platform` is what the stages get. */
export function subscribeStages({ bus }: Pick<LocalPlatform, "bus">, deps: StageDeps): void {
  for (const stage of stages) {
    bus.subscribe({
      name: stage.name,
      topic: stage.on.name,
      handler: async (message, signal) => void (await deliver(stage, message, { ...deps, signal })),
    });
  }
  bus.subscribe({
    name: "dead-letter",
    topic: DeadLettered.name,
    deadLetter: false,
    handler: async (message) => void (await handleDeadLetter(message, stages, deps)),
  });
}
