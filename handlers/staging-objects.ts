// Staging's views, triggers, routines and events over a change of its data: kept in the bucket before anything is dropped,
// so that a crash loses none.
import { FatalError } from "../contracts/errors.ts";
import type { Platform, WriteSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { RunId } from "../events/run-id.ts";
import { arriving, without } from "./arriving-objects.ts";
import { withInstance } from "./instances.ts";
import { readJson, writeJson } from "./json-object.ts";
import { quoteName } from "./mysql/identifiers.ts";
import { defaultCollation, resolveCollation, setDefaultCollation } from "./mysql/recreate-database.ts";
import {
  bringRoutines,
  createTriggers,
  createViews,
  dropTriggers,
  fitKeptTables,
  fitObjects,
  followSwap,
  type KeptReference,
  ownToRemake,
  readObjects,
  type Routine,
  type StagingObjects,
  stays,
} from "./swapping/index.ts";

/** What the live database is to have afterwards. Staging's own routines and events stay where they are, but those in `routines`. */
interface KeptObjects {
  readonly triggers: StagingObjects["triggers"];
  /** Those that have to be made: the dump's, production's, or, where staging is loaded in place, its own. */
  readonly views: StagingObjects["views"];
  /** Production's, where the contract says so; staging's own whose texts are to be compared as the new tables'. */
  readonly routines: readonly Routine[];
  /** Databases with the default collation that they are to have. */
  readonly collations: Readonly<Record<string, string>>;
  /** Of tables that stay. */
  readonly references: readonly KeptReference[];
}

interface Needs {
  readonly platform: Pick<Platform, "objects" | "databases">;
  readonly contract: SyncContract;
}

/** Reads the objects, proves that they fit the next data, and stores what the swap needs. */
export async function keepObjects(
  context: StageContext,
  session: WriteSession,
  { live, next }: { readonly live: string; readonly next: string },
): Promise<void> {
  const { keepTables } = context.contract.load;
  const references = await fitKeptTables(session, { live, next }, stays(keepTables));
  const brought = await readObjects(session, next);
  const collation = await defaultCollation(session, next);
  const { triggers, views, routines, staying } = await arriving(context, session, live, collation);
  const all = { triggers, routines, views: [...staying, ...views] };
  const changed = await fitObjects(session, all, { live, next });
  await store(context, {
    ...{ triggers, routines, references, collations: collation === undefined ? {} : { [live]: collation } },
    views: [...without(views, changed), ...changed, ...without(brought.views, all.views)],
  });
}

/**
 * The same where staging is loaded in place: nothing to prove it on. What an earlier attempt has stored is kept.
 *
 * @param wished the default collation of the new data's database, where the dump tells it
 */
export async function keepObjectsInPlace(
  context: StageContext,
  session: WriteSession,
  live: string,
  wished: string | undefined,
): Promise<void> {
  if (await context.platform.objects.stat(objectName(context.runId))) return;
  const found = wished === undefined ? undefined : await resolveCollation(session, wished);
  const collation = found ?? (await defaultCollation(session, live));
  const { triggers, views, routines, staying } = await arriving(context, session, live, collation);
  await store(context, {
    ...{ triggers, routines, views: [...staying, ...views], references: [] },
    collations: collation === undefined ? {} : { [live]: collation },
  });
}

/** Drops the triggers, lets `swap` happen, and brings triggers and new views to the live database. */
export async function bringObjects<Result>(
  { platform, runId }: StageContext,
  session: WriteSession,
  live: string,
  swap: () => Promise<Result>,
): Promise<Result> {
  const kept = await readKept(platform.objects, runId);
  await dropTriggers(session, live);
  let result: Result;
  try {
    result = await swap();
    await giveCollations(session, kept);
  } finally {
    // Also after a swap that failed: until it is tried again, and if it never is, staging lives on with its triggers.
    await restore(session, kept, live);
  }
  await bringRoutines(session, kept.routines, live); // before the views that call them
  await session.run(`USE ${quoteName(live)}`);
  await createViews(session, kept.views);
  return result;
}

/**
 * Stores staging's triggers, proven to fit the data that is about to come back, before they are dropped for it. What an
 * earlier attempt has stored is kept: that one may have dropped them.
 */
export async function keepTriggers(
  needs: Needs,
  session: WriteSession,
  runId: RunId,
  { live, next }: { readonly live: string; readonly next: string },
): Promise<void> {
  if (await needs.platform.objects.stat(objectName(runId))) return;
  const references = await fitKeptTables(session, { live, next }, stays(needs.contract.load.keepTables));
  const { triggers } = await readObjects(session, live);
  await fitObjects(session, { triggers, views: [], routines: [] }, { live, next });
  const [own, returning] = [await defaultCollation(session, live), await defaultCollation(session, next)];
  await store(
    { ...needs, runId },
    {
      ...{ triggers, references, views: [], routines: await ownToRemake(session, live, returning) },
      collations: own === undefined || returning === undefined ? {} : { [live]: returning, [next]: own },
    },
  );
}

/** Forgets what was kept: it is all there again. */
export async function removeKept({ objects }: Pick<Platform, "objects">, runId: RunId): Promise<void> {
  await objects.remove(objectName(runId));
}

/** Creates the triggers that a run dropped and never brought back, because it was killed in its swap and abandoned. */
export async function restoreTriggers(needs: Needs, runId: RunId): Promise<void> {
  await withKept(needs, runId, (session, kept) => restore(session, kept, needs.contract.staging.database));
}

/** Brings back what keepTriggers has stored, after the data that it was proven on came back. */
export async function settleObjects(needs: Needs, runId: RunId): Promise<void> {
  const live = needs.contract.staging.database;
  await withKept(needs, runId, async (session, kept) => {
    await giveCollations(session, kept);
    await restore(session, kept, live);
    await bringRoutines(session, kept.routines, live);
  });
}

/** Lets the live database compare texts as the dump does that is about to be loaded in place. */
export async function prepareInPlace(
  { platform, runId }: StageContext,
  session: WriteSession,
  live: string,
): Promise<void> {
  const kept = await readKept(platform.objects, runId);
  await giveCollations(session, kept);
  await bringRoutines(session, kept.routines, live);
}

async function withKept(
  needs: Needs,
  runId: RunId,
  use: (session: WriteSession, kept: KeptObjects) => Promise<void>,
): Promise<void> {
  const { objects } = needs.platform;
  if (!(await objects.stat(objectName(runId)))) return;
  const kept = await readKept(objects, runId);
  await withInstance(needs, "staging", (session) => use(session, kept));
}

async function restore(session: WriteSession, { references, triggers }: KeptObjects, live: string): Promise<void> {
  await followSwap(session, live, references);
  await createTriggers(session, triggers, live);
}

async function giveCollations(session: WriteSession, { collations }: KeptObjects): Promise<void> {
  for (const [database, collation] of Object.entries(collations)) {
    await setDefaultCollation(session, database, collation);
  }
}

function objectName(runId: RunId): string {
  return `runs/${runId}/load-staging/objects.json`;
}

async function store({ platform, runId }: Needs & { readonly runId: RunId }, kept: KeptObjects): Promise<void> {
  await writeJson(platform.objects, objectName(runId), kept);
}

async function readKept(objects: Platform["objects"], runId: RunId): Promise<KeptObjects> {
  try {
    return (await readJson(objects, objectName(runId))) as KeptObjects;
  } catch (cause) {
    throw new FatalError(
      "OBJECTS_LOST",
      "The run's list of staging's views and triggers cannot be read. Staging is untouched. Request a new run.",
      { cause },
    );
  }
}
