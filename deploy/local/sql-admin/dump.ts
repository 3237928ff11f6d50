// A database as a dump, the way Cloud SQL exports it.
import { once } from "node:events";
import type { Job } from "./job.ts";
import { startTool } from "./run-tool.ts";
import { toolError } from "./tool-errors.ts";
import type { Tool } from "./tools.ts";

/** What comes with tables and views. */
export type DumpedObjects = keyof typeof OBJECTS;

const OBJECTS = {
  all: ["--triggers", "--routines", "--events"],
  triggers: ["--triggers", "--skip-routines", "--skip-events"],
  /** As Cloud SQL exports: https://cloud.google.com/sql/docs/mysql/import-export/import-export-sql. */
  none: ["--skip-triggers", "--skip-routines", "--skip-events"],
};

/**
 * Dumps the job's database; ends well only if the tool did.
 *
 * @param objects whether triggers, routines and events come with it
 * @throws FatalError of toolError.
 */
export async function* dump(
  job: Job,
  tool: Tool,
  objects: DumpedObjects,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { child, ended } = startTool(
    tool,
    job,
    [
      "--single-transaction",
      "--skip-lock-tables",
      "--quick",
      "--hex-blob",
      "--no-tablespaces", // they would need the PROCESS privilege
      // Options of MySQL's own tool; `loose` makes the others pass over them.
      "--loose-set-gtid-purged=OFF",
      "--loose-column-statistics=0",
      ...OBJECTS[objects],
      "--databases",
      job.database,
    ],
    "ignore",
    signal,
  );
  try {
    if (child.stdout) yield* child.stdout;
    const end = await ended;
    if (!end.ok) throw toolError(job, end);
  } finally {
    // Left early (no space for the dump): nobody reads on.
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "close");
  }
}
