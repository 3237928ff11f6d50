// A world for tests of delivery: a real run store and bus in one SQLite file, a clock that can be moved, toy stages.
// What a toy stage does not need (databases, bucket, SQL admin) complains when it is used, unless a test brings its own.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Clock, Platform } from "../../contracts/platform.ts";
import type { Run } from "../../contracts/run.ts";
import type { Logger, Stage } from "../../contracts/stage.ts";
import type { SyncContract } from "../../contracts/sync-contract.ts";
import { STAGING_DEFAULTS } from "../../contracts/staging-rules.ts";
import { type LocalBus, openBus } from "../../deploy/local/bus.ts";
import { systemClock } from "../../deploy/local/clock.ts";
import { openRunStore } from "../../deploy/local/run-store.ts";
import { openState } from "../../deploy/local/state.ts";
import type { BusSettings } from "../../deploy/local/subscriber.ts";
import type { DefinedEvent, Event } from "../../events/define-event.ts";
import { encode, type IncomingMessage } from "../../events/message.ts";
import { handleAbandonRequest } from "../../handlers/abandon-request.ts";
import { handleDeadLetter } from "../../handlers/dead-letter.ts";
import { deliver, type Outcome, type StageDeps, type StageSettings } from "../../handlers/stage.ts";
import { open } from "../../handlers/state/lifecycle.ts";
import { afterTest } from "./cleanup.ts";

export const RUN_ID = "20261122-021500-000-4f9a2c";
export const PIPELINE = "shop";

/** No heartbeat unless a test asks for one: a claim that nobody renews is how a dead process looks. */
const SETTINGS: StageSettings = { budgetMs: 60_000, leaseMs: 10_000, heartbeatMs: 3_600_000 };

const BUS_SETTINGS: BusSettings = { minBackoffMs: 5, maxBackoffMs: 50, maxAttempts: 5, leaseMs: 2_000, pollMs: 5 };

export interface StageWorld {
  readonly platform: Platform;
  readonly bus: LocalBus;
  readonly contract: SyncContract;
  /** Everything that was logged, as JSON lines. */
  readonly logged: string[];
  readonly deps: StageDeps;
  /** Moves the clock of claims and leases. */
  pass(ms: number): void;
  /** The events that were published since this was last asked, the oldest first. */
  published(): Event[];
  /** Makes the next publishing fail, as when the process ends before it. */
  crashBeforePublishing(): void;
  /** Opens the run, with the lock. */
  openRun(runId?: string): Promise<void>;
  /** The run as it stands; fails the test where there is none. */
  run(runId?: string): Promise<Run>;
  message(event: Event, change?: Partial<IncomingMessage>): IncomingMessage;
  deliver<Data>(stage: Stage<Data>, event: Event | IncomingMessage, deps?: Partial<StageDeps>): Promise<Outcome>;
  /** One delivery to the function that abandons runs. */
  abandon(event: Event, change?: Partial<StageDeps>): ReturnType<typeof handleAbandonRequest>;
  deadLetter(event: Event | IncomingMessage, stages?: readonly Stage[]): ReturnType<typeof handleDeadLetter>;
  /** Resolves when no message is left to deliver. */
  drained(): Promise<void>;
}

export async function openStageWorld(
  t: TestContext,
  parts: { readonly settings?: Partial<StageSettings>; readonly platform?: Partial<Platform> } = {},
): Promise<StageWorld> {
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "stage-world-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const state = openState(join(directory, "state.sqlite"));
  afterTest(t, async () => state.close());
  const logged: string[] = [];
  const log = memoryLog(logged);
  const bus = openBus(state, log, { settings: BUS_SETTINGS });
  afterTest(t, () => bus.stop());
  const { clock, pass } = movableClock();
  let recorded: Event[] = [];
  let crash = false;
  const platform: Platform = {
    runs: openRunStore(state),
    clock,
    bus: {
      async publish(event) {
        if (crash) {
          crash = false;
          throw new Error("The process ended before it published.");
        }
        recorded.push(event);
        await bus.publish(event);
      },
    },
    objects: unused("objects"),
    sql: unused("sql"),
    databases: unused("databases"),
    secrets: unused("secrets"),
    ...parts.platform,
  };
  const deps: StageDeps = {
    ...{ contract, platform, log, owner: "test" },
    settings: { ...SETTINGS, ...parts.settings },
  };
  let messages = 0;
  const message: StageWorld["message"] = (event, change) => ({
    ...encode(event),
    ...{ id: `message-${++messages}`, publishedAt: clock.now(), attempt: 1 },
    ...change,
  });
  const asMessage = (event: Event | IncomingMessage) => ("topic" in event ? event : message(event));
  return {
    ...{ platform, bus, contract, logged, deps, pass, message },
    published() {
      const events = recorded;
      recorded = [];
      return events;
    },
    crashBeforePublishing: () => void (crash = true),
    async openRun(runId = RUN_ID) {
      await platform.runs.updateWithLock(PIPELINE, runId, (run, lock) =>
        open(run, lock, undefined, { runId, pipeline: PIPELINE, trigger: "request", now: clock.now() }),
      );
    },
    async run(runId = RUN_ID) {
      const run = await platform.runs.get(runId);
      assert.ok(run, `there is no run ${runId}`);
      return run;
    },
    deliver: (stage, event, change) => deliver(stage, asMessage(event), { ...deps, ...change }),
    abandon: (event, change) => handleAbandonRequest(asMessage(event), { ...deps, ...change }),
    deadLetter: (event, stages = []) => handleDeadLetter(asMessage(event), stages, deps),
    async drained() {
      const count = state.database.prepare("SELECT COUNT(*) AS left FROM deliveries");
      while (count.get()?.["left"] !== 0) await clock.sleep(5);
    },
  };
}

/** A stage for a test; it publishes nothing unless told otherwise. */
export function toyStage<Data>(
  on: DefinedEvent<string, Data>,
  run: Stage<Data>["run"],
  more: Partial<Stage<Data>> = {},
): Stage<Data> {
  return { name: "toy", on, run, ...more };
}

/** A promise and the function that resolves it: holds a stage at a point that the test chooses. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

const instance = { host: "127.0.0.1", port: 1, user: "understudy", password: "env:PASSWORD", database: "shop" };
const contract: SyncContract = {
  kind: "servers",
  pipeline: PIPELINE,
  ...{ production: instance, replica: { ...instance, port: 2 }, staging: { ...instance, port: 3 } },
  dumps: "dumps",
  masking: { key: "env:KEY", unlisted: "stop", tables: {} },
  preserve: [],
  references: [],
  collations: {},
  load: STAGING_DEFAULTS,
};

function movableClock(): { readonly clock: Clock; pass(ms: number): void } {
  let ahead = 0;
  return {
    clock: { now: () => new Date(Date.now() + ahead), sleep: (ms, signal) => systemClock.sleep(ms, signal) },
    pass: (ms) => void (ahead += ms),
  };
}

function unused(name: string): never {
  return new Proxy({} as never, {
    get(_port, method) {
      throw new Error(`A toy stage has no ${name}.${String(method)}.`);
    },
  });
}

function memoryLog(lines: string[], bound: object = {}): Logger {
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...bound, ...fields, message }));
  return {
    ...{ debug: write, info: write, warn: write, error: write },
    child: (fields) => memoryLog(lines, { ...bound, ...fields }),
  };
}
