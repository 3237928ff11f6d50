// The work of an operation, with the tools that can do it on this server.
import { isFatal } from "../../../contracts/errors.ts";
import type { StoredObject } from "../../../contracts/platform.ts";
import { gunzipped } from "../../../handlers/dump/index.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { connectionError } from "../databases.ts";
import type { LocalObjectStore } from "../object-store.ts";
import { builtInDump } from "./built-in-dump.ts";
import { compressed } from "./compress.ts";
import { dump, type DumpedObjects, dumpInto } from "./dump.ts";
import { importDump } from "./import.ts";
import type { Job } from "./job.ts";
import { backupSql, makeRoom } from "./restore.ts";
import { findTools, type Flavour, type Tool } from "./tools.ts";

/** Backups that stay: the newest of each database. */
const KEPT_BACKUPS = 3;

interface Task {
  readonly job: Job;
  readonly objects: LocalObjectStore;
  readonly signal: AbortSignal;
}

/**
 * Does the job.
 *
 * @returns a backup's object, an export's generation.
 * @throws FatalError or RetryAfter, which say what to do.
 */
export async function perform(
  job: Job,
  objects: LocalObjectStore,
  signal: AbortSignal,
): Promise<{ backup?: string; generation?: string }> {
  const task = { job, objects, signal };
  if (job.type === "backup") return { backup: await backUp(task) };
  if (job.type === "export") return { generation: (await exportTo(task, "none", job.object)).generation };
  if (job.type === "restore") await makeRoom(job, objects);
  const sql = job.type === "restore" ? backupSql(job, objects) : gunzipped(objects.read(job.object));
  await importDump(job, sql, signal);
  return {};
}

/**
 * MySQL's tool dumps for every server, where it can log in. MariaDB's does for MariaDB: of a MySQL database it cannot be
 * relied on, and its dumps have values for generated columns, which MySQL refuses. For all else there is the built-in dump.
 */
async function exportTo({ job, objects, signal }: Task, kept: DumpedObjects, object: string): Promise<StoredObject> {
  const flavour = await flavourOf(job.role, job.server);
  const reader = job.reader ? await flavourOf(job.reader.role, job.reader) : flavour;
  signal.throwIfAborted();
  const betweenMariaDbs = flavour === "mariadb" && reader === "mariadb";
  const tools = (await findTools("dump", flavour)).filter((tool) => tool.flavour === "mysql" || betweenMariaDbs);
  // As on Cloud SQL: what ends in `.gz` is compressed. A backup is, as it stays; an export here is not.
  const isPacked = object.endsWith(".gz");
  const withTool = (tool: Tool) =>
    isPacked
      ? objects.write(object, compressed(dump(job, tool, kept, signal)))
      : objects.writeFile(object, (file) => dumpInto(file, job, tool, kept, signal));
  const builtIn = () => builtInDump(job, kept, signal);
  return firstSuitable([
    ...tools.map((tool) => () => withTool(tool)),
    () => objects.write(object, isPacked ? compressed(builtIn()) : builtIn()),
  ]);
}

/**
 * Routines of another definer cannot be read without a global privilege, nor events without EVENT: then the backup is made
 * without them, and its name says so.
 */
async function backUp(task: Task): Promise<string> {
  const { object } = task.job;
  try {
    await exportTo(task, "all", object);
    await prune(task);
    return object;
  } catch (error) {
    if (!isFatal(error) || !["BACKUP_FAILED", "MYSQL_PRIVILEGE_MISSING"].includes(error.code)) throw error;
  }
  const without = object.replace(/\.sql\.gz$/, ".without-routines.sql.gz");
  await exportTo(task, "triggers", without);
  await prune(task);
  return without;
}

/** Removes all but the newest backups of the database. Names are a time of fixed length, a dash, the database. */
async function prune({ job, objects }: Task): Promise<void> {
  const stem = job.object.replace(/\.sql\.gz$/, "");
  const time = stem.length - job.database.length;
  const mine = (await objects.list("backups/"))
    .map(({ name }) => name)
    .filter((name) => name.slice(time).replace(/(?:\.without-routines)?\.sql\.gz$/, "") === job.database);
  for (const name of mine.toSorted().slice(0, -KEPT_BACKUPS)) await objects.remove(name);
}

/** Does the first of these that a tool at hand can do. */
async function firstSuitable<Result>(attempts: readonly (() => Promise<Result>)[]): Promise<Result> {
  const [attempt, ...others] = attempts;
  if (!attempt) throw new Error("There is no way to do it.");
  try {
    return await attempt();
  } catch (error) {
    if (others.length === 0 || !isFatal(error) || error.code !== "TOOL_UNSUITABLE") throw error;
    return firstSuitable(others);
  }
}

/** Asks the server itself, which also tells at once when it is out of reach or does not let the account in. */
async function flavourOf(role: Job["role"], { host, port, user, password }: Job["server"]): Promise<Flavour> {
  const server = { host, port, user, password };
  try {
    const session = await openReadSession(role, server);
    const [row] = await session.query<{ version: string }>("SELECT VERSION() AS version");
    await session.close();
    return /mariadb/i.test(row?.version ?? "") ? "mariadb" : "mysql";
  } catch (error) {
    throw connectionError(role, server, error);
  }
}
