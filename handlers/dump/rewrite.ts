// A dump's bytes in, the bytes of the dump to load out: for one call, which may be a part of the whole.
import { type RewriteCheckpoint, START } from "./checkpoint.ts";
import { DumpRewriter, type RewriteOptions } from "./rewriter.ts";

export interface RewriteStatistics {
  /** Tables that the dump creates, in its order; views are not among them. */
  readonly tables: readonly string[];
  /** Uncompressed bytes, over all parts. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** INSERT and REPLACE statements that were passed on, over all parts. */
  readonly insertStatements: number;
  /** The end of the dump is reached. Otherwise go on from `checkpoint`. */
  readonly complete: boolean;
}

export interface RewriteOutcome extends RewriteStatistics {
  readonly checkpoint: RewriteCheckpoint;
}

export interface DumpRewrite {
  /** The rewritten dump, or the part of it that this call made. Read it to its end. */
  readonly output: AsyncIterable<Buffer>;
  /** What came of it, once `output` is read to its end; throws before. */
  outcome(): RewriteOutcome;
}

/**
 * Rewrites a dump of mysqldump or mariadb-dump so that it can be loaded into a database of another name, by a user without
 * SUPER. Works in constant memory and at the pace at which `output` is read. Rows pass byte for byte.
 *
 * @param input the whole dump from its first byte, uncompressed (see `gunzipped`). A chunk is handed on in `output` without being
 * copied; its memory may be used again when the next chunk but one is asked for, and what came out before is done with.
 * @param limits `from` goes on where an earlier call stopped: the parts' outputs, one after the other, are the bytes that one
 * call would have made. When `signal` aborts, this part ends behind the statement at hand; each part has one at least.
 * Reading `output` throws FatalError for a dump that must not be loaded; see docs/errors.md, `DUMP_…`.
 */
export function rewriteDump(
  input: AsyncIterable<Uint8Array>,
  options: RewriteOptions,
  limits: { readonly from?: RewriteCheckpoint | undefined; readonly signal?: AbortSignal | undefined } = {},
): DumpRewrite {
  const from = limits.from ?? START;
  const rewriter = new DumpRewriter(options, from);
  let complete: boolean | undefined;

  async function* output(): AsyncGenerator<Buffer, void, undefined> {
    const steps = rewriter.run(() => limits.signal?.aborted ?? false);
    for await (const chunk of withEnd(skipped(input, from.offset))) {
      if (chunk) rewriter.cursor.add(chunk);
      else rewriter.cursor.ended = true;
      const step = steps.next();
      const bytes = rewriter.output.take();
      if (bytes) yield bytes;
      if (!step.done) continue;
      complete = step.value;
      return;
    }
  }

  return {
    output: output(),
    outcome() {
      if (complete === undefined) throw new Error("The rewritten dump has not been read to its end.");
      const { checkpoint } = rewriter;
      const { offset: bytesIn, tables, insertStatements, bytesOut } = checkpoint;
      return { tables, bytesIn, bytesOut, insertStatements, complete, checkpoint };
    },
  };
}

async function* withEnd(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined, void, undefined> {
  yield* input;
  yield undefined;
}

async function* skipped(input: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let toSkip = bytes;
  for await (const chunk of input) {
    if (chunk.length > toSkip) yield chunk.subarray(toSkip);
    toSkip = Math.max(0, toSkip - chunk.length);
  }
}
