// Loads the masked dump beside staging's live data and swaps the two in one statement. Staging is whole at every moment.
import { FatalError } from "../contracts/errors.ts";
import type { WriteSession } from "../contracts/platform.ts";
import { done, waiting, type Stage, type StageContext } from "../contracts/stage.ts";
import { ExportDone, Synced } from "../events/index.ts";
import { removeDumps } from "./abandon.ts";
import { withInstance } from "./instances.ts";
import { dumpFinalizedId } from "./dump-finalized.ts";
import { loadDump, type LoadNote } from "./load-dump.ts";
import { quoteName } from "./mysql/identifiers.ts";
import { recreateDatabase } from "./mysql/recreate-database.ts";
import { performOperation, type OperationNote } from "./operations.ts";
import { bringObjects, keepObjects } from "./staging-objects.ts";
import { listTables, nextDatabase, previousDatabase, swapTables, type Swapped } from "./swapping/index.ts";

/** How far it is. Every step can be taken again: it finds out what of it has happened. */
interface Note {
  readonly backup?: OperationNote;
  /** The backup's id, once it is made. */
  readonly backupId?: string;
  readonly load?: LoadNote;
  readonly tables?: number;
  readonly swapped?: Swapped;
  /** The operation that is followed now; an abandoned run's is cancelled. */
  readonly operation?: string;
}

export const loadStaging: Stage<ExportDone["data"]> = {
  name: "load-staging",
  on: ExportDone,
  requires: ({ dump, generation }) => dumpFinalizedId(dump, generation),
  accepts: ({ origin }) => origin === "replica",
  closesRun: true,
  async run({ data }, context) {
    const backup = await backUp(context);
    if (backup === undefined) return waiting();
    const tables = await loadBeside(data, context);
    if (tables === undefined) return waiting();
    const { outageMs, setAside } = await swap(context);
    await removeDumps(context.platform, context.runId);
    const { runId, platform } = context;
    const opened = (await platform.runs.get(runId))?.openedAt;
    const seconds = opened === undefined ? 0 : (platform.clock.now().getTime() - Date.parse(opened)) / 1000;
    return done([Synced.create({ runId, tables, seconds })], {
      ...{ tables, outageMs, backup },
      ...(setAside.length > 0 ? { setAside } : {}),
    });
  },
};

function noteOf({ checkpoint }: StageContext): Note {
  return (checkpoint.value as Note | undefined) ?? {};
}

/** Keeps everything noted before and adds to it. */
function note(context: StageContext, more: Note): Promise<void> {
  return context.checkpoint.save({ ...noteOf(context), ...more });
}

/** Backs staging up, so that even a swap that was not wanted can be undone. Undefined when time ran out. */
async function backUp(context: StageContext): Promise<string | undefined> {
  const { backupId, backup } = noteOf(context);
  if (backupId !== undefined) return backupId;
  const { contract, platform, runId, signal } = context;
  context.progress({ unit: "steps", done: 0, total: 3, doing: "backing staging up" });
  const operation = await performOperation({
    ...{ platform, signal, note: backup },
    save: (next) => note(context, { backup: next, ...operationOf(next) }),
    request: (attempt) => ({
      type: "backup",
      key: `${runId}/backup-staging/${attempt}`,
      role: "staging",
      database: contract.staging.database,
    }),
  });
  if (!operation) return undefined;
  const id = operation.backup ?? operation.name;
  await note(context, { backupId: id });
  return id;
}

/** Imports the masked dump into the next database; gives the number of its tables, or undefined when time ran out. */
async function loadBeside(dump: ExportDone["data"], context: StageContext): Promise<number | undefined> {
  const known = noteOf(context).tables;
  if (known !== undefined) return known;
  const { contract } = context;
  const live = contract.staging.database;
  const next = nextDatabase(live);
  context.progress({ unit: "steps", done: 1, total: 3, doing: "loading beside the live data" });
  const loaded = await loadDump(context, {
    ...{ dump, role: "staging", from: contract.replica.database, to: next },
    note: noteOf(context).load,
    save: (load) => note(context, { load, ...operationOf(load.import) }),
    withoutRowsOf: () => false,
    prepare: () => withInstance(context, "staging", (session) => recreateDatabase(session, next, live)),
  });
  if (!loaded) return undefined;
  await withInstance(context, "staging", async (session) => {
    await checkComplete(session, next, loaded.tables);
    await keepObjects(context, session, { live, next });
  });
  await note(context, { tables: loaded.tables.length });
  return loaded.tables.length;
}

/** Swaps, or finds that it has happened. */
async function swap(context: StageContext): Promise<Swapped> {
  const known = noteOf(context).swapped;
  if (known !== undefined) return known;
  const live = context.contract.staging.database;
  const [next, previous] = [nextDatabase(live), previousDatabase(live)];
  context.progress({ unit: "steps", done: 2, total: 3, doing: "swapping" });
  return withInstance(context, "staging", async (session) => {
    const { outageMs, setAside } = await bringObjects(context, session, live, () =>
      swapTables(session, { live, next, previous }),
    );
    await session.run(`DROP DATABASE IF EXISTS ${quoteName(next)}`);
    const swapped = { outageMs: Math.ceil(outageMs), setAside };
    if (setAside.length > 0) context.log.warn({ tables: setAside }, "Tables that only staging had are set aside.");
    await note(context, { swapped });
    return swapped;
  });
}

async function checkComplete(session: WriteSession, next: string, expected: readonly string[]): Promise<void> {
  const present = new Set(await listTables(session, next));
  const missing = expected.filter((table) => !present.has(table));
  if (missing.length === 0 && expected.length > 0) return;
  throw new FatalError(
    "LOAD_INCOMPLETE",
    `After the import \`${next}\` lacks ${expected.length === 0 ? "every table" : missing.map((table) => `\`${table}\``).join(", ")}. Staging is untouched. Request a new run.`,
  );
}

function operationOf(from: OperationNote | undefined): { operation?: string } {
  return from?.operation === undefined ? {} : { operation: from.operation };
}
