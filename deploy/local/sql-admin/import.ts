// A dump into a database, through MySQL's or MariaDB's client; it stops at the first error.
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FatalError, isFatal } from "../../../contracts/errors.ts";
import type { Job } from "./job.ts";
import { startTool } from "./run-tool.ts";
import { toolError } from "./tool-errors.ts";
import type { Tool } from "./tools.ts";

/**
 * Imports `sql`, unpacked.
 *
 * @throws FatalError of toolError, or DUMP_DAMAGED when it cannot be read to its end.
 */
export async function importDump(
  job: Job,
  tool: Tool,
  sql: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const { child, ended } = startTool(
    tool,
    job,
    [
      "--binary-mode", // \0 and \r\n in data stay; the client's own commands (`system`, `source`) are off
      "--local-infile=0",
      "--batch",
      `--database=${job.database}`,
    ],
    "pipe",
    signal,
  );
  child.stdout?.resume();
  if (!child.stdin) throw new Error("The client has no input.");
  let damage: unknown;
  async function* untilDamage(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      damage = error;
      child.kill("SIGKILL"); // before its input ends: it would run the half of a statement that it has
      await ended;
    }
  }
  // When the client stops, its input breaks; the reason is the client's to tell.
  const fed = pipeline(untilDamage(sql), child.stdin).then(
    () => true,
    () => false,
  );
  const [end, complete] = await Promise.all([ended, fed]);
  if (damage !== undefined) throw damaged(job, damage);
  if (!end.ok || !complete) throw toolError(job, end);
}

/** An object's bytes as SQL, by its name. */
export function unpacked(object: string, source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (!object.endsWith(".gz")) return source;
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // What breaks the pipeline destroys the stream, and so reaches whoever reads it.
  pipeline(source, gunzip).catch(() => undefined);
  return gunzip;
}

function damaged(job: Job, error: unknown): unknown {
  if (isFatal(error)) return error;
  return new FatalError(
    "DUMP_DAMAGED",
    `The dump \`${job.object}\` cannot be read to its end: it is cut off or no gzip file. Put a complete one there, or start a new run.`,
    { cause: error },
  );
}
