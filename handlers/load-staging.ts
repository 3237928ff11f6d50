// Loads the masked dump beside staging's live data and swaps the two in one statement. Staging is whole at every moment,
// unless the contract says `swap: in-place`: then the dump is loaded where the live data was.
import { FatalError } from "../contracts/errors.ts";
import type { WriteSession } from "../contracts/platform.ts";
import { done, waiting, type Stage, type StageContext } from "../contracts/stage.ts";
import { ExportDone, Synced } from "../events/index.ts";
import { removeDumps } from "./abandon.ts";
import { checkDump } from "./check-dump.ts";
import { checkRoom } from "./check-room.ts";
import { changeOver, emptyLive } from "./change-over.ts";
import { withInstance } from "./instances.ts";
import { dumpFinalizedId } from "./dump-finalized.ts";
import { checkFacts } from "./exported-facts.ts";
import { loadDump, type LoadRequest, rewriteWhole } from "./load-dump.ts";
import { lookUntil } from "./look-until.ts";
import { recreateDatabase } from "./mysql/recreate-database.ts";
import { performOperation } from "./operations.ts";
import { forgetLoad, note, noteOf, operationOf } from "./staging-note.ts";
import { lendFunctionsTo } from "./arriving-objects.ts";
import { keepObjects } from "./staging-objects.ts";
import { listTables, nextDatabase, runScripts } from "./swapping/index.ts";
import { together } from "./together.ts";

export const loadStaging: Stage<ExportDone["data"]> = {
  name: "load-staging",
  on: ExportDone,
  requires: ({ dump, generation }) => dumpFinalizedId(dump, generation),
  accepts: ({ origin }) => origin === "replica",
  closesRun: true,
  async run({ data }, context) {
    if (noteOf(context).scripts === "begun") await forgetLoad(context);
    // Side by side: a backup is the server's work, rewriting is ours. Nothing is loaded before all are done.
    const [backup, isWiped] = await together([backUp(context), replicaIsWiped(context), rewriteEarly(data, context)]);
    if (backup === undefined || !isWiped) return waiting();
    const tables = await bring(data, context);
    if (tables === undefined) return waiting();
    if (!(await isChecked(context))) return waiting();
    await runAfter(context);
    const { outageMs, setAside } = await changeOver(context);
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

/** Where the dump is loaded. */
function targetOf({ load, staging }: StageContext["contract"]): string {
  return load.swap === "in-place" ? staging.database : nextDatabase(staging.database);
}

/** Backs staging up, so that even a swap that was not wanted can be undone. Undefined when time ran out. */
async function backUp(context: StageContext): Promise<string | undefined> {
  const { backupId, backup } = noteOf(context);
  if (backupId !== undefined) return backupId;
  const { contract, platform, runId, signal } = context;
  tellBackup(context);
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

function tellBackup(context: StageContext): void {
  context.progress({ unit: "steps", done: 0, total: 4, doing: "backing staging up" });
}

/** The copy's export goes on when its dump is there: to the copy's end. Undefined when time ran out before. */
function replicaIsWiped(context: StageContext): Promise<true | undefined> {
  return lookUntil(context, async () => {
    const run = await context.platform.runs.get(context.runId);
    if (run?.status !== "running") await context.confirm(); // it failed there: the claim is lost
    return run?.stages["export-replica"]?.status === "done" ? true : undefined;
  });
}

/** Rewrites the masked dump, unless it is loaded already. */
async function rewriteEarly(dump: ExportDone["data"], context: StageContext): Promise<void> {
  if (noteOf(context).tables !== undefined) return;
  await rewriteWhole(context, loadOf(dump, context));
  if (noteOf(context).backupId === undefined) tellBackup(context); // on Cloud SQL it takes longer
}

function loadOf(dump: ExportDone["data"], context: StageContext): LoadRequest {
  const { contract } = context;
  const live = contract.staging.database;
  const target = targetOf(contract);
  return {
    ...{ dump, role: "staging", from: contract.replica.database, to: target },
    note: noteOf(context).load,
    save: (next) => note(context, { load: next, ...operationOf(next.import) }),
    collations: contract.collations,
    withoutRowsOf: () => false,
    prepare: (needs) =>
      withInstance(context, "staging", async (session) => {
        await checkDump(session, needs);
        await checkRoom(context, session, needs, target);
        if (target === live) return emptyLive(context, session, needs.databaseCollation);
        await recreateDatabase(session, target, live, needs.databaseCollation);
        await lendFunctionsTo(context, session, target);
      }),
  };
}

/** Imports the masked dump; gives the number of its tables, or undefined when time ran out. */
async function bring(dump: ExportDone["data"], context: StageContext): Promise<number | undefined> {
  const known = noteOf(context).tables;
  if (known !== undefined) return known;
  const target = targetOf(context.contract);
  context.progress({ unit: "steps", done: 1, total: 4, doing: `loading into \`${target}\`` });
  const loaded = await loadDump(context, loadOf(dump, context));
  if (!loaded) return undefined;
  await withInstance(context, "staging", (session) => checkComplete(session, target, loaded.tables));
  await note(context, { tables: loaded.tables.length });
  return loaded.tables.length;
}

/** Holds rows and references against what was exported; false when time ran out. */
async function isChecked(context: StageContext): Promise<boolean> {
  const { checked } = noteOf(context);
  if (checked?.complete) return true;
  context.progress({ unit: "steps", done: 2, total: 4, doing: "holding it against what was exported" });
  const found = await checkFacts(context, targetOf(context.contract), checked?.done ?? 0);
  await note(context, { checked: found });
  return found.complete;
}

/** Runs the scripts of `after`, then proves that staging's objects fit what they have made of the data. */
async function runAfter(context: StageContext): Promise<void> {
  const { contract } = context;
  const live = contract.staging.database;
  const database = targetOf(contract);
  if (noteOf(context).swapped !== undefined) return;
  await withInstance(context, "staging", async (session) => {
    if (contract.load.after.length > 0 && noteOf(context).scripts !== "done") {
      await note(context, { scripts: "begun" });
      await runScripts(session, contract.load.after, { live, database });
      await note(context, { scripts: "done" });
    }
    // Once: its triggers may be dropped since, and the next data may be the live one.
    if (database === live || noteOf(context).objects === "kept") return;
    await keepObjects(context, session, { live, next: database });
    await note(context, { objects: "kept" });
  });
}

async function checkComplete(session: WriteSession, target: string, expected: readonly string[]): Promise<void> {
  const present = new Set(await listTables(session, target));
  const missing = expected.filter((table) => !present.has(table));
  if (missing.length === 0 && expected.length > 0) return;
  throw new FatalError(
    "LOAD_INCOMPLETE",
    `After the import \`${target}\` lacks ${expected.length === 0 ? "every table" : missing.map((table) => `\`${table}\``).join(", ")}. Staging is untouched. Request a new run.`,
  );
}
