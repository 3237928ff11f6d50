// A local world of its own for one test, with backoffs and scans of milliseconds.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Role } from "../../contracts/platform.ts";
import type { ServerInstance } from "../../contracts/sync-contract.ts";
import { type LocalPlatform, openLocalPlatform } from "../../deploy/local/platform.ts";
import { afterTest } from "../support/cleanup.ts";
import { contractFor, SECRETS, silent } from "./world.ts";

export const MAX_ATTEMPTS = 3;

/** A new folder, gone after the test. */
export async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "world-"));
  // Again where it fills anew: a runner closes the state file a moment after its operation is done.
  afterTest(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Opens the local world that stands in a folder; closed after the test. */
export async function openLocal(
  t: TestContext,
  baseDirectory: string,
  options: {
    readonly instances?: Partial<Record<Role, ServerInstance>>;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<LocalPlatform> {
  const platform = await openLocalPlatform(contractFor(options.instances), {
    baseDirectory,
    environment: { ...process.env, ...SECRETS, ...options.environment },
    log: silent,
    subscriptions: [],
    settings: {
      bus: { minBackoffMs: 20, maxBackoffMs: 100, maxAttempts: MAX_ATTEMPTS, pollMs: 20 },
      watcher: { scanMs: 50, settleMs: 300 },
    },
  });
  afterTest(t, () => platform.close());
  return platform;
}
