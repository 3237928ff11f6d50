// Where a run's dumps stand in the bucket: `runs/<run>/production.sql.gz` and `runs/<run>/masked.sql.gz`.
import type { Origin } from "../events/common.ts";
import { RunId } from "../events/run-id.ts";

const STEMS = { production: "production", replica: "masked" } as const;

/** A dump's name. An export that is attempted again writes beside the first: Cloud SQL refuses to overwrite. */
export function dumpName(runId: RunId, origin: Origin, attempt: number): string {
  return `runs/${runId}/${STEMS[origin]}${attempt === 1 ? "" : `-${attempt}`}.sql.gz`;
}

/** What a name says of the dump, or undefined for every other object (a rewritten dump, a backup). */
export function parseDumpName(name: string): { readonly runId: RunId; readonly origin: Origin } | undefined {
  const [, run, stem] = /^runs\/([^/]+)\/(production|masked)(?:-\d+)?\.sql(?:\.gz)?$/.exec(name) ?? [];
  const runId = RunId.safeParse(run);
  if (!runId.success) return undefined;
  return { runId: runId.data, origin: stem === "masked" ? "replica" : "production" };
}

/** True for a dump that somebody else made: `inbox/<name>.sql` or `inbox/<name>.sql.gz`. */
export function isInboxDump(name: string): boolean {
  return /^inbox\/[^/]+\.sql(?:\.gz)?$/.test(name);
}
