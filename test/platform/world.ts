// What the suite needs of a world, and the small things that its tests share.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Platform, Role } from "../../contracts/platform.ts";
import type { Run } from "../../contracts/run.ts";
import type { Logger } from "../../contracts/stage.ts";
import type { ServerInstance, ServersContract } from "../../contracts/sync-contract.ts";
import { STAGING_DEFAULTS } from "../../contracts/staging-rules.ts";
import type { IncomingMessage, OutgoingMessage } from "../../events/message.ts";
import { newRunId } from "../../events/run-id.ts";
import { mainServer, type TestServer } from "../support/servers.ts";

/** What the bus's promises are tried on. */
export interface BusUnderTest {
  readonly platform: Pick<Platform, "bus">;
  /** Attempts before a message goes to the dead letters; the world under test is set to few and to short backoffs. */
  readonly maxAttempts: number;
  /** Publishes bytes as they are, as another program would. */
  readonly publishMessage: (message: OutgoingMessage) => Promise<unknown>;
  /** Makes a subscription that keeps messages from now on, with nobody at work on it. */
  readonly declare: (subscription: { readonly name: string; readonly topic: string }) => Promise<void>;
  /** Works on a subscription, as a stage does: to resolve acknowledges, to throw asks for another delivery. */
  readonly subscribe: (subscription: {
    readonly name: string;
    readonly topic: string;
    readonly handler: (message: IncomingMessage) => Promise<void>;
  }) => void;
  readonly start: () => Promise<void>;
  /** Why the attempts that a handler is told are not counted here; left out where they are. */
  readonly attemptsUncounted?: string;
}

export type OpenBus = (t: TestContext) => Promise<BusUnderTest>;

export interface PlatformUnderTest extends BusUnderTest {
  readonly platform: Platform;
}

/** Opens a world of its own for one test, which `t` closes. */
export type OpenPlatform = (
  t: TestContext,
  instances?: Partial<Record<Role, ServerInstance>>,
) => Promise<PlatformUnderTest>;

/** A contract on the main test server, for tests that do not care which. */
export function contractFor(instances: Partial<Record<Role, ServerInstance>> = {}): ServersContract {
  const anywhere = instanceOn(mainServer(), "unused");
  return {
    kind: "servers",
    pipeline: "shop",
    production: instances.production ?? anywhere,
    replica: instances.replica ?? anywhere,
    staging: instances.staging ?? anywhere,
    dumps: "dumps",
    masking: { key: "env:TEST_MASKING_KEY", unlisted: "stop", tables: {} },
    preserve: [],
    references: [],
    collations: {},
    load: STAGING_DEFAULTS,
  };
}

/** The test servers' root has no password. */
export const SECRETS = { TEST_PASSWORD: "", TEST_MASKING_KEY: "a key for tests" };

export function instanceOn({ host, port, user }: TestServer, database: string): ServerInstance {
  return { host, port, user, password: "env:TEST_PASSWORD", database };
}

export function aRun(over: Partial<Pick<Run, "runId" | "requestedBy" | "pipeline">> = {}): Run {
  const now = new Date();
  return {
    status: "running",
    runId: newRunId(now),
    pipeline: "shop",
    openedAt: now.toISOString(),
    trigger: "request",
    stages: {},
    ...over,
  };
}

/** Waits until `condition` holds; an assertion error that names it after `withinMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${what}`);
    await sleep(10);
  }
}

export async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

export async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

export async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Follows an operation to its end. */
export async function ended({ sql }: Pick<Platform, "sql">, name: string) {
  for (;;) {
    const operation = await sql.get(name);
    if (operation.status === "DONE") return operation;
    await sleep(20);
  }
}

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
