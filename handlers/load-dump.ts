// Loads a dump into an instance: rewritten part by part while it streams, then imported as one. Both loading stages use it.
import type { OperationRequest, WritableRole } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import type { ExportDone } from "../events/index.ts";
import type { RunId } from "../events/run-id.ts";
import type { DumpNeeds } from "./check-dump.ts";
import { LeaseLost } from "./claim.ts";
import { hasRows, importName, loadFolder, suffixIn } from "./dump-names.ts";
import { gunzipped, gzipped, rewriteDump, type RewriteCheckpoint, type RewriteOptions, START } from "./dump/index.ts";
import { NOTHING_IS_SLOW } from "./mysql/slow-log.ts";
import { performOperation, type OperationNote } from "./operations.ts";

/** How far loading is; part of the stage's checkpoint. */
export interface LoadNote {
  /** The rewritten parts so far, as objects. */
  readonly parts: readonly string[];
  readonly rewrite: RewriteCheckpoint;
  readonly rewritten: boolean;
  readonly import?: OperationNote;
}

export const NOTHING_LOADED: LoadNote = { parts: [], rewrite: START, rewritten: false };

export interface LoadRequest extends RewriteOptions {
  readonly dump: Pick<ExportDone["data"], "dump" | "generation" | "bytes">;
  readonly role: WritableRole;
  readonly note: LoadNote | undefined;
  readonly save: (note: LoadNote) => Promise<void>;
  /**
   * Makes the database empty: an import that is tried again must not meet the rows of the one before.
   *
   * @param needs what the rewritten dump needs of the server; see check-dump.ts
   */
  readonly prepare: (needs: DumpNeeds) => Promise<void>;
}

export interface Loaded {
  /** The tables that the dump creates. */
  readonly tables: readonly string[];
  /** Bytes of SQL, uncompressed. */
  readonly bytes: number;
}

/** Less is not worth a part of its own, however short the time budget. */
const SMALLEST_PART_BYTES = 1024 * 1024;

/**
 * Rewrites the dump, which touches no server: a stage may do so beside other work. What it gives is saved; it is whole
 * unless time ran out.
 */
export async function rewriteWhole(context: StageContext, request: LoadRequest): Promise<LoadNote> {
  return request.note?.rewritten ? request.note : rewritePart(context, request);
}

/** Loads the dump; undefined when time ran out, with the note saved to go on from. */
export async function loadDump(context: StageContext, request: LoadRequest): Promise<Loaded | undefined> {
  const { role, save, prepare } = request;
  const { platform, runId, signal } = context;
  const rewritten = await rewriteWhole(context, request);
  if (!rewritten.rewritten) return undefined;
  context.progress({ unit: "steps", done: 0, doing: `importing into \`${request.to}\`` });
  const objectOf = (attempt: number) => importName(runId, role, attempt, suffixIn(platform.objects));
  const imported = await performOperation({
    ...{ platform, signal, note: rewritten.import },
    save: (note) => save({ ...rewritten, import: note }),
    request: (attempt) => importRequest({ runId, role, database: request.to, attempt, object: objectOf(attempt) }),
    prepare: async (attempt) => {
      await prepare(rewritten.rewrite);
      await platform.objects.compose(objectOf(attempt), rewritten.parts);
      // Joining takes its time: an import that starts after the claim is lost would bring raw rows over masked ones.
      await context.confirm();
    },
  });
  if (!imported) return undefined;
  for (const { name } of await platform.objects.list(loadFolder(runId, role))) {
    if (hasRows(runId, role, name)) await platform.objects.remove(name);
  }
  return { tables: rewritten.rewrite.tables, bytes: rewritten.rewrite.bytesOut };
}

/** The import of a rewritten dump. Whoever abandons the run makes the same one, to find what nobody has noted. */
export function importRequest({ runId, role, database, attempt, object }: Import): OperationRequest {
  return { type: "import", key: `${runId}/import-${role}/${attempt}`, role, database, object };
}

interface Import {
  readonly runId: RunId;
  readonly role: WritableRole;
  readonly database: string;
  readonly attempt: number;
  readonly object: string;
}

/** Rewrites until the end of the dump or of the time budget, into one more part. */
async function rewritePart(context: StageContext, request: LoadRequest): Promise<LoadNote> {
  const { platform, runId, epoch, signal } = context;
  const before = request.note ?? NOTHING_LOADED;
  const { parts } = before;
  const enough = new AbortController();
  const source = counted(platform.objects.read(request.dump.dump, request.dump.generation), (done) =>
    context.progress({ unit: "bytes", done, total: request.dump.bytes, doing: "rewriting the dump" }),
  );
  const rewrite = rewriteDump(gunzipped(source), request, { from: before.rewrite, signal: enough.signal });
  const begun = parts.length === 0 ? quietly(rewrite.output) : rewrite.output;
  const output = counted(begun, (bytes) => {
    if (signal.aborted && bytes >= SMALLEST_PART_BYTES) enough.abort();
  });
  // With the epoch in its name: a claim that was given up for dead must not overwrite a part of this one.
  const suffix = suffixIn(platform.objects);
  const name = `${loadFolder(runId, request.role)}part-${parts.length + 1}-${epoch}${suffix}`;
  await platform.objects.write(name, suffix === ".sql" ? output : gzipped(output));
  const outcome = rewrite.outcome();
  const note = { ...before, parts: [...parts, name], rewrite: outcome.checkpoint, rewritten: outcome.complete };
  try {
    await request.save(note);
  } catch (error) {
    // Nobody else knows of this part, and whoever has the claim now may have cleared up already.
    if (error instanceof LeaseLost) await platform.objects.remove(name);
    throw error;
  }
  return note;
}

/** The first statement of the import's session, whoever runs it: its others are rows, and no slow log may have them. */
async function* quietly(output: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`SET SESSION ${NOTHING_IS_SLOW};\n`);
  yield* output;
}

async function* counted(source: AsyncIterable<Uint8Array>, report: (bytes: number) => void) {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    report(bytes);
    yield chunk;
  }
}
