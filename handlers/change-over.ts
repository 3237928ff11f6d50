// The moment at which staging gets the new data: a swap beside which a reader measures, or the end of a load in place.
import type { ReadSession, WriteSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import { withInstance } from "./instances.ts";
import { quoteName, quoteTable } from "./mysql/identifiers.ts";
import { note, noteOf } from "./staging-note.ts";
import { bringObjects, keepObjectsInPlace, prepareInPlace } from "./staging-objects.ts";
import {
  listTables,
  measureOutage,
  nextDatabase,
  previousDatabase,
  refuseLeading,
  stays,
  swapTables,
  type Swapped,
} from "./swapping/index.ts";

/** Gives staging the new data, or finds that it has it. */
export async function changeOver(context: StageContext): Promise<Swapped> {
  const known = noteOf(context).swapped;
  if (known !== undefined) return known;
  const { contract } = context;
  context.progress({ unit: "steps", done: 3, total: 4, doing: "changing staging over" });
  const swapped = await withInstance(context, "staging", (session) =>
    contract.load.swap === "in-place" ? finishInPlace(context, session) : swap(context, session),
  );
  if (swapped.setAside.length > 0)
    context.log.warn({ tables: swapped.setAside }, "Tables that only staging had are set aside.");
  await note(context, { swapped });
  return swapped;
}

async function swap(context: StageContext, session: WriteSession): Promise<Swapped> {
  const { staging, load } = context.contract;
  const live = staging.database;
  const [next, previous] = [nextDatabase(live), previousDatabase(live)];
  const question = await questionOf(session, live, next);
  const { outageMs, setAside } = await bringObjects(context, session, live, () =>
    beside(context, question, () => swapTables(session, { live, next, previous, stays: stays(load.keepTables) })),
  );
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(next)}`);
  return { outageMs: Math.ceil(outageMs), setAside };
}

/** What a reader of staging asks: a row of a table that is there before and after. */
async function questionOf(session: ReadSession, live: string, next: string): Promise<string | undefined> {
  const arriving = new Set(await listTables(session, next));
  const table = (await listTables(session, live)).find((name) => arriving.has(name));
  return table === undefined ? undefined : `SELECT 1 FROM ${quoteTable(live, table)} LIMIT 1`;
}

/** Swaps while a reader asks. What it waited is the outage; where there is nothing to ask, what the statement took. */
async function beside(
  { platform }: StageContext,
  question: string | undefined,
  work: () => Promise<Swapped>,
): Promise<Swapped> {
  if (question === undefined) return work();
  const reader = await platform.databases.read("staging");
  try {
    const { result, outageMs } = await measureOutage(reader, question, work);
    return { ...result, outageMs: Math.max(outageMs, result.outageMs) };
  } finally {
    await reader.close();
  }
}

/**
 * Drops staging's tables, but those that stay, to load in their place: from here on staging is out.
 *
 * @param collation the default one of the dump's database, where the dump tells it
 */
export async function emptyLive(context: StageContext, session: WriteSession, collation?: string): Promise<void> {
  const { staging, load } = context.contract;
  const live = staging.database;
  const isKept = stays(load.keepTables);
  await refuseLeading(session, live, isKept);
  await keepObjectsInPlace(context, session, live, collation);
  if (noteOf(context).outSince === undefined)
    await note(context, { outSince: context.platform.clock.now().toISOString() });
  await session.run("SET SESSION foreign_key_checks = 0");
  const leaving = (await listTables(session, live)).filter((table) => !isKept(table));
  for (const table of leaving) await session.run(`DROP TABLE ${quoteTable(live, table)}`);
  await prepareInPlace(context, session, live);
  await session.run("SET SESSION foreign_key_checks = 1");
}

async function finishInPlace(context: StageContext, session: WriteSession): Promise<Swapped> {
  const live = context.contract.staging.database;
  await bringObjects(context, session, live, () => Promise.resolve());
  const since = noteOf(context).outSince;
  const outageMs = since === undefined ? 0 : context.platform.clock.now().getTime() - Date.parse(since);
  return { outageMs, setAside: [] };
}
