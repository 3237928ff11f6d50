// The local world: a whole platform in one folder, with any three MySQL servers.
import { resolve } from "node:path";
import type { Platform } from "../../contracts/platform.ts";
import type { Logger } from "../../contracts/stage.ts";
import type { ServersContract } from "../../contracts/sync-contract.ts";
import { type LocalBus, openBus } from "./bus.ts";
import { systemClock } from "./clock.ts";
import { openDatabases } from "./databases.ts";
import { type LocalObjectStore, openObjectStore } from "./object-store.ts";
import { DEFAULT_WATCHER_SETTINGS, watchObjects, type WatcherSettings } from "./object-watcher.ts";
import { openRunStore } from "./run-store.ts";
import { openSecrets } from "./secrets.ts";
import { openSqlAdmin } from "./sql-admin/sql-admin.ts";
import { openState } from "./state.ts";
import type { BusSettings } from "./subscriber.ts";

export interface LocalPlatformOptions {
  /** The contract's own directory: `.understudy/` is made in it, and a relative `dumps` starts from it. */
  readonly baseDirectory: string;
  /** Where secrets and the tools' PATH come from; `process.env` for a program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Every subscription that there is: an event published while nobody works on one waits for it. */
  readonly subscriptions: readonly { readonly name: string; readonly topic: string }[];
  readonly settings?: { readonly bus?: Partial<BusSettings>; readonly watcher?: Partial<WatcherSettings> };
}

export interface LocalPlatform extends Platform {
  readonly bus: LocalBus;
  readonly objects: LocalObjectStore;
  /** Works: delivers messages to the bus's subscribers, and watches for dumps that are put into the bucket by hand. */
  start(): void;
  /** Stops working. Aborts the handlers' signal and resolves when they have ended. */
  stop(): Promise<void>;
  /** Stops, and closes the state file. Operations go on in processes of their own. */
  close(): Promise<void>;
}

/**
 * Opens a pipeline's local world. Any number of processes may: one that publishes and leaves, one that works, one that looks.
 *
 * @throws FatalError STATE_FROM_THE_FUTURE.
 */
export async function openLocalPlatform(
  contract: ServersContract,
  options: LocalPlatformOptions,
): Promise<LocalPlatform> {
  const { baseDirectory, environment, log, subscriptions, settings } = options;
  const state = openState(resolve(baseDirectory, ".understudy", contract.pipeline, "state.sqlite"));
  const bus = openBus(state, log, { subscriptions, ...(settings?.bus ? { settings: settings.bus } : {}) });
  const objects = openObjectStore(resolve(baseDirectory, contract.dumps), state, (message) => bus.enqueue(message));
  // By every process, one that only abandons a run too: what a killed one was writing may be production's rows.
  await objects.removeUnfinished();
  const secrets = openSecrets(environment, contract);
  const sql = openSqlAdmin(contract, { state, secrets, environment, objects });
  let watching: { readonly end: AbortController; readonly ended: Promise<void> } | undefined;

  async function stop(): Promise<void> {
    watching?.end.abort();
    await Promise.all([bus.stop(), watching?.ended]);
    watching = undefined;
  }

  return {
    bus,
    objects,
    secrets,
    runs: openRunStore(state),
    sql,
    databases: openDatabases(contract, secrets),
    clock: systemClock,
    start() {
      if (watching) return;
      sql.haveSpare();
      bus.start();
      const end = new AbortController();
      const ended = watchObjects(objects, { ...DEFAULT_WATCHER_SETTINGS, ...settings?.watcher }, log, end.signal);
      watching = { end, ended };
    },
    stop,
    async close() {
      await stop();
      state.close();
    },
  };
}
