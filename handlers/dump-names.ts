// Where a run's dumps stand in the bucket: `runs/<run>/production.sql.gz` and `runs/<run>/masked.sql.gz`; without the `.gz`
// on a machine of one's own.
import type { ObjectStore, WritableRole } from "../contracts/platform.ts";
import type { Origin } from "../events/common.ts";
import { RunId } from "../events/run-id.ts";

const STEMS = { production: "production", replica: "masked" } as const;

/** How a dump's name ends. Whoever exports goes by it: what ends in `.gz` is gzip. */
export type DumpSuffix = ".sql" | ".sql.gz";

/** What is read once, on the machine where it is written, is not worth compressing. */
export function suffixIn({ isNear }: Pick<ObjectStore, "isNear">): DumpSuffix {
  return isNear ? ".sql" : ".sql.gz";
}

/** A dump's name. An export that is attempted again writes beside the first: Cloud SQL refuses to overwrite. */
export function dumpName(runId: RunId, origin: Origin, attempt: number, suffix: DumpSuffix): string {
  return `runs/${runId}/${STEMS[origin]}${attempt === 1 ? "" : `-${attempt}`}${suffix}`;
}

/** What a name says of the dump, or undefined for every other object (a rewritten dump, a backup). */
export function parseDumpName(name: string): { readonly runId: RunId; readonly origin: Origin } | undefined {
  const [, run, stem] = /^runs\/([^/]+)\/(production|masked)(?:-\d+)?\.sql(?:\.gz)?$/.exec(name) ?? [];
  const runId = RunId.safeParse(run);
  if (!runId.success) return undefined;
  return { runId: runId.data, origin: stem === "masked" ? "replica" : "production" };
}

/** What an import into a role reads: an object of the attempt's own, there from before its start until its end. */
export function importName(runId: RunId, role: WritableRole, attempt: number, suffix: DumpSuffix): string {
  return `${loadFolder(runId, role)}import-${attempt}${suffix}`;
}

/** The attempt whose import reads this object of a role's; undefined for every other. */
export function importAttempt(runId: RunId, role: WritableRole, name: string): number | undefined {
  const [, attempt] = /^import-(\d+)\.sql(?:\.gz)?$/.exec(name.slice(loadFolder(runId, role).length)) ?? [];
  return attempt === undefined ? undefined : Number(attempt);
}

/** Where a role's rewritten dump stands while it is loaded, in parts and whole. */
export function loadFolder(runId: RunId, role: WritableRole): string {
  return `runs/${runId}/load-${role}/`;
}

/** True for an object there that has rows of the dump: also for what joining left behind when its process died. */
export function hasRows(runId: RunId, role: WritableRole, name: string): boolean {
  return /^(?:part|import)-/.test(name.slice(loadFolder(runId, role).length));
}

/** True for a dump that somebody else made: `inbox/<name>.sql` or `inbox/<name>.sql.gz`. */
export function isInboxDump(name: string): boolean {
  return /^inbox\/[^/]+\.sql(?:\.gz)?$/.test(name);
}
