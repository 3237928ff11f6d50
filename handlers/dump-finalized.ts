// The bucket reports a finished object: if it is a run's dump, the run goes on; if it is somebody's own under inbox/,
// a run begins with it.
import { FatalError, RetryAfter } from "../contracts/errors.ts";
import type { StoredObject } from "../contracts/platform.ts";
import { stageId, type Run } from "../contracts/run.ts";
import { done, waiting, type Stage, type StageContext, type StageResult } from "../contracts/stage.ts";
import type { Origin } from "../events/common.ts";
import { DumpFinalized, ExportDone } from "../events/index.ts";
import { isInInbox } from "../events/dump-finalized.ts";
import { dumpName, isInboxDump, parseDumpName, suffixIn } from "./dump-names.ts";
import type { Exported, ExportNote } from "./export-database.ts";
import { lookUntil } from "./look-until.ts";

/** The export stage notes its operation right after starting it; until then the object is nobody's. */
const NOTE_RETRY_MS = 1_000;

export const dumpFinalized: Stage<DumpFinalized["data"]> = {
  name: "dump-finalized",
  on: DumpFinalized,
  accepts: (object, objects) => {
    const name = objects.locate(object);
    return name !== undefined && (parseDumpName(name) !== undefined || isInboxDump(name));
  },
  opens: ({ name }) => (isInInbox(name) ? { trigger: "inbox", requestedBy: "inbox" } : undefined),
  /** An export that was under way when its run was given up: nobody waits for its dump, and it may be raw. */
  async afterwards({ name, bucket }, { objects }) {
    const dump = objects.locate({ name, bucket });
    if (dump !== undefined && parseDumpName(dump)) await objects.remove(dump);
  },
  async run({ data }, context) {
    const { objects } = context.platform;
    const name = objects.locate(data) ?? "";
    const object = await objects.stat(name);
    if (isInboxDump(name)) return takeIn(name, object?.generation === data.generation, context);
    // Deleted or overwritten since: the newer object has a notification of its own.
    if (object?.generation !== data.generation) return done([]);
    const dump = parseDumpName(name);
    if (!dump) return done([]);
    const verdict = await exportOf(object, dump.origin, context);
    if (verdict === undefined) return waiting();
    if (verdict === "not-ours") return done([]);
    const { generation, bytes } = object;
    return done([ExportDone.create({ runId: context.runId, origin: dump.origin, dump: name, generation, bytes })], {
      bytes,
    });
  },
};

/** The stage state that stands behind an ExportDone: the one that saw this very object. */
export function dumpFinalizedId(dump: string, generation: string): string {
  return stageId(dumpFinalized.name, `${dump.slice(dump.lastIndexOf("/") + 1)}#${generation}`);
}

/**
 * Moves somebody's dump to where a run's own stands; that object's notification carries the run on.
 *
 * @throws FatalError `OBJECT_GONE` when it was taken away before: the run that it opened must not wait for ever.
 */
async function takeIn(name: string, isThere: boolean, { platform, runId }: StageContext): Promise<StageResult> {
  const target = dumpName(runId, "production", 1, name.endsWith(".gz") ? ".sql.gz" : ".sql");
  // Taken in before a crash: to write it again would pull it from under the stage that reads it by now.
  let taken = await platform.objects.stat(target);
  if (!taken && !isThere) {
    throw new FatalError(
      "OBJECT_GONE",
      `\`${name}\` was removed or replaced before it was taken in. Put it there again.`,
    );
  }
  taken ??= await platform.objects.compose(target, [name]);
  if (isThere) await platform.objects.remove(name);
  return done([], { bytes: taken.bytes });
}

/**
 * Whether the export that wrote this object has ended well. An object is complete before its operation is DONE: the
 * stage that follows the operation is asked, which alone may look at production. Undefined when time ran out before.
 *
 * @throws FatalError `DUMP_REPLACED` for an object that was put in the place of the export's own: what stands there
 *   goes to staging as it is.
 */
async function exportOf(
  { name, generation }: StoredObject,
  origin: Origin,
  context: StageContext,
): Promise<"finished" | "not-ours" | undefined> {
  const { platform, runId } = context;
  return lookUntil(context, async () => {
    const run = await platform.runs.get(runId);
    if (run?.trigger === "inbox" && origin === "production") return "finished";
    const state = run?.stages[`export-${origin}`];
    const note = state?.checkpoint as ExportNote | undefined;
    if (!note?.operation) {
      throw new RetryAfter(
        "EXPORT_NOT_NOTED",
        NOTE_RETRY_MS,
        `The export of ${origin} has not noted its operation yet.`,
        { busy: true },
      );
    }
    if (dumpName(runId, origin, note.attempt, suffixIn(platform.objects)) !== name) return "not-ours";
    const exported: Exported | undefined = state?.status === "done" ? state.summary : note.exported;
    if (!exported) return state?.status === "failed" ? "not-ours" : undefined;
    const isAnother = (exported.generation ?? generation) !== generation || hasOther(run, name, generation);
    return isAnother ? replaced(name) : "finished";
  });
}

/** A run's dump is written once: where its world does not tell the export's own, the one that was seen first is. */
function hasOther(run: Run | undefined, name: string, generation: string): boolean {
  const seen = Object.keys(run?.stages ?? {}).filter((id) => id.startsWith(dumpFinalizedId(name, "")));
  return seen.some((id) => id !== dumpFinalizedId(name, generation));
}

function replaced(name: string): never {
  throw new FatalError(
    "DUMP_REPLACED",
    `The object \`${name}\` is not the one that the export wrote: somebody replaced it. It is not loaded. Find out who writes there, then request a new run.`,
  );
}
