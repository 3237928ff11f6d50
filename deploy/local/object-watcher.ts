// Notices files that became objects without the store: copied into `inbox/` by hand, or renamed into place by a process
// that was killed before it could say so.
import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { summarizeError } from "../../contracts/errors.ts";
import type { Logger } from "../../contracts/stage.ts";
import { fileState, ignoreMissing, listFiles, objectPath } from "./object-names.ts";
import type { LocalObjectStore } from "./object-store.ts";

export interface WatcherSettings {
  readonly scanMs: number;
  /** How long a file must stay as it is to count as complete. */
  readonly settleMs: number;
}

export const DEFAULT_WATCHER_SETTINGS: WatcherSettings = { scanMs: 500, settleMs: 2_000 };

/** Looks through the store's directory until `signal` aborts, and then resolves. */
export async function watchObjects(
  store: LocalObjectStore,
  settings: WatcherSettings,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const scan = openScan(store, settings.settleMs);
  while (!signal.aborted) {
    await report(log, store.removeUnfinished());
    await report(log, scan());
    await sleep(settings.scanMs, undefined, { signal }).catch(() => undefined); // aborted
  }
}

/** One look at every file; it adopts those that have not changed since looks of at least `settleMs` ago. */
function openScan(store: LocalObjectStore, settleMs: number): () => Promise<void> {
  let unknown = new Map<string, { readonly file: string; readonly since: number }>();
  return async () => {
    const still: typeof unknown = new Map();
    for (const name of await listFiles(store.directory)) {
      if (await store.stat(name)) continue;
      const path = objectPath(store.directory, name);
      const found = await fileState(path);
      if (!found || found.bytes === 0) continue;
      const before = unknown.get(name);
      const since = before?.file === found.file ? before.since : performance.now();
      still.set(name, { file: found.file, since });
      if (performance.now() - since < settleMs || (await isBeingWritten(path))) continue;
      // The last bytes may have come while we looked for who writes.
      if ((await fileState(path))?.file === found.file) store.adopt(name, found);
    }
    unknown = still;
  };
}

async function report(log: Logger, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.warn(summarizeError(error), "could not look through the dumps");
  }
}

/**
 * Whether a process has the file open for writing: a copy over a slow network may pause for longer than any settling.
 * Known on Linux, and of processes that we may look at; elsewhere settling has to do.
 */
async function isBeingWritten(path: string): Promise<boolean> {
  const real = await realpath(path);
  const processes = await readdir("/proc").catch(() => []);
  for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")) !== real) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, "latin1").catch(ignoreMissing(""));
      const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "0", 8);
      if ((flags & 0o3) !== 0) return true; // O_WRONLY or O_RDWR
    }
  }
  return false;
}
