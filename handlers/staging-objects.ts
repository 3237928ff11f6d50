// Staging's views and triggers over a swap: kept in the bucket before anything is dropped, so that a crash loses none.
import { json } from "node:stream/consumers";
import { FatalError } from "../contracts/errors.ts";
import type { Platform, WriteSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { RunId } from "../events/run-id.ts";
import { withInstance } from "./instances.ts";
import { quoteName } from "./mysql/identifiers.ts";
import {
  createTriggers,
  createViews,
  dropTriggers,
  fitObjects,
  readObjects,
  type StagingObjects,
} from "./swapping/index.ts";

/** Staging's own triggers, and the views that only the dump has. Staging's own views stay where they are. */
interface KeptObjects {
  readonly triggers: StagingObjects["triggers"];
  readonly newViews: StagingObjects["views"];
}

interface Needs {
  readonly platform: Pick<Platform, "objects" | "databases">;
  readonly contract: SyncContract;
}

/** Reads the objects, proves that they fit the next data, and stores what the swap needs. */
export async function keepObjects(
  { platform, runId }: StageContext,
  session: WriteSession,
  { live, next }: { readonly live: string; readonly next: string },
): Promise<void> {
  const brought = await readObjects(session, next);
  const own = await readObjects(session, live);
  await fitObjects(session, own, { live, next });
  const names = new Set(own.views.map(({ name }) => name));
  const kept: KeptObjects = {
    triggers: own.triggers,
    newViews: brought.views.filter(({ name }) => !names.has(name)),
  };
  await platform.objects.write(objectName(runId), single(Buffer.from(JSON.stringify(kept))));
}

/** Drops the triggers, lets `swap` happen, and brings triggers and new views to the live database. */
export async function bringObjects<Result>(
  { platform, runId }: StageContext,
  session: WriteSession,
  live: string,
  swap: () => Promise<Result>,
): Promise<Result> {
  const kept = await readKept(platform.objects.read(objectName(runId)));
  await dropTriggers(session, live);
  let result: Result;
  try {
    result = await swap();
  } finally {
    // Also after a swap that failed: until it is tried again, and if it never is, staging lives on with its triggers.
    await createTriggers(session, kept.triggers, live);
  }
  await session.run(`USE ${quoteName(live)}`);
  await createViews(session, kept.newViews);
  return result;
}

/** Creates the triggers that a run dropped and never brought back, because it was killed in its swap and abandoned. */
export async function restoreTriggers(needs: Needs, runId: RunId): Promise<void> {
  const { objects } = needs.platform;
  if (!(await objects.stat(objectName(runId)))) return;
  const { triggers } = await readKept(objects.read(objectName(runId)));
  if (triggers.length === 0) return;
  await withInstance(needs, "staging", (session) => createTriggers(session, triggers, needs.contract.staging.database));
}

function objectName(runId: RunId): string {
  return `runs/${runId}/load-staging/objects.json`;
}

async function readKept(source: AsyncIterable<Uint8Array>): Promise<KeptObjects> {
  try {
    return (await json(source)) as KeptObjects;
  } catch (cause) {
    throw new FatalError(
      "OBJECTS_LOST",
      "The run's list of staging's views and triggers cannot be read. Staging is untouched. Request a new run.",
      { cause },
    );
  }
}

async function* single(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
