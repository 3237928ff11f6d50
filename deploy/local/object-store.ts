// A directory as the bucket. Files appear under their names only when complete; the state file knows their generations.
import { randomUUID } from "node:crypto";
import { mkdirSync, realpathSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { type FileHandle, link, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FatalError } from "../../contracts/errors.ts";
import type { ObjectStore, StoredObject } from "../../contracts/platform.ts";
import type { OutgoingMessage } from "../../events/message.ts";
import { isDiskFull, isNoLinks, syncDirectory, syncFile, writeDurably } from "./durable-file.ts";
import { fileState, type FileState, ignoreMissing, INCOMING, listFiles, objectPath, stateOf } from "./object-names.ts";
import { isAlive, thisProcess } from "./process-identity.ts";
import type { State } from "./state.ts";

export interface LocalObjectStore extends ObjectStore {
  /** As `write` does, what `fill` puts into an open file. */
  writeFile(name: string, fill: (file: FileHandle) => Promise<void>): Promise<StoredObject>;
  /** The bucket's name in notifications: the directory, absolute and with symbolic links resolved. */
  readonly directory: string;
  /** Makes an object of a complete file that stands under the name, if it is none yet, and publishes its notification. */
  adopt(name: string, found: FileState): StoredObject;
  /** Removes what dead processes left unfinished. */
  removeUnfinished(): Promise<void>;
}

/**
 * Opens a directory as a bucket, and makes it (0700: raw dumps hold personal data).
 *
 * @param enqueue publishes a message within a transaction of `state`: an object and its notification are one commit.
 */
export function openObjectStore(
  directoryOfContract: string,
  state: State,
  enqueue: (message: OutgoingMessage) => void,
): LocalObjectStore {
  mkdirSync(join(directoryOfContract, INCOMING), { recursive: true, mode: 0o700 });
  mkdirSync(join(directoryOfContract, "inbox"), { recursive: true, mode: 0o700 });
  const directory = realpathSync(directoryOfContract);
  const { database } = state;

  function recordOf(name: string, found: FileState): StoredObject | undefined {
    const row = database.prepare("SELECT generation, file FROM objects WHERE name = ?").get(name);
    if (row?.["file"] !== found.file) return undefined;
    return { name, generation: String(row["generation"]), bytes: found.bytes };
  }

  /** In a transaction: gives the file that now stands under the name a generation, and publishes. */
  function finalize(name: string, { file, bytes }: FileState): StoredObject {
    const generation = nextGeneration(state);
    database
      .prepare("INSERT OR REPLACE INTO objects (name, generation, file) VALUES (?, ?, ?)")
      .run(name, generation, file);
    const object = { name, generation: String(generation), bytes };
    enqueue(finalizeNotification(directory, object));
    return object;
  }

  /**
   * Puts a complete temporary file under its name.
   *
   * Killed after the rename and before the commit, it leaves a file that the state does not know: the watcher adopts it
   * like one that was put there by hand.
   */
  function place(name: string, found: FileState, temporary: string): StoredObject {
    const path = objectPath(directory, name);
    return state.transaction(() => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      renameSync(temporary, path);
      return finalize(name, found);
    });
  }

  async function stat(name: string): Promise<StoredObject | undefined> {
    const found = await fileState(objectPath(directory, name));
    return found && recordOf(name, found);
  }

  /** Opens an object of a known generation: what the handle reads stays that generation's, whatever happens to the name. */
  async function openObject(name: string, generation?: string): Promise<FileHandle> {
    const file = await open(objectPath(directory, name)).catch(ignoreMissing(undefined));
    const object = file && recordOf(name, stateOf(await file.stat({ bigint: true })));
    if (file && object && (generation === undefined || generation === object.generation)) return file;
    await file?.close();
    throw new FatalError(
      "OBJECT_GONE",
      `The object \`${name}\`${generation === undefined ? "" : ` in generation ${generation}`} is not in \`${directory}\`. Start a new run.`,
    );
  }

  async function* read(name: string, generation?: string): AsyncGenerator<Uint8Array> {
    const file = await openObject(name, generation);
    yield* file.createReadStream({ highWaterMark: 256 * 1024 }); // closes the handle, also when left early
  }

  /** Stores under `name` what `make` puts into a temporary file. */
  async function writeWith(name: string, make: (temporary: string) => Promise<FileState>): Promise<StoredObject> {
    const path = objectPath(directory, name); // refused before anything is written
    const temporary = join(directory, INCOMING, `${thisProcess}.${randomUUID()}`);
    try {
      const object = place(name, await make(temporary), temporary);
      await syncDirectory(dirname(path));
      return object;
    } catch (error) {
      throw isDiskFull(error) ? diskFull(directory, error) : error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  const writeFile: LocalObjectStore["writeFile"] = (name, fill) =>
    writeWith(name, (temporary) => writeDurably(temporary, fill));

  const write: ObjectStore["write"] = (name, source) =>
    writeFile(name, async (file) => {
      for await (const chunk of source) await file.writeFile(chunk); // goes on where the last one ended
    });

  /** A second name for the same bytes, which are never changed in place. Undefined where the file system has no links. */
  async function writeLink(name: string, from: string): Promise<StoredObject | undefined> {
    return writeWith(name, async (temporary) => {
      await link(objectPath(directory, from), temporary);
      return syncFile(temporary);
    }).catch((error: unknown) => {
      if (isNoLinks(error)) return undefined;
      throw error;
    });
  }

  return {
    directory,
    isNear: true,
    stat,
    read,
    write,
    writeFile,
    locate: ({ bucket, name }) => (bucket === directory ? name : undefined),
    async compose(name, parts) {
      for (const part of parts) await (await openObject(part)).close(); // all there, before anything is written
      const [only] = parts;
      const linked = parts.length === 1 && only !== undefined ? await writeLink(name, only) : undefined;
      return linked ?? write(name, concatenate(parts.map((part) => read(part))));
    },
    async remove(name) {
      const path = objectPath(directory, name);
      state.transaction(() => {
        rmSync(path, { force: true });
        database.prepare("DELETE FROM objects WHERE name = ?").run(name);
        removeEmptyFolder(directory, dirname(path));
      });
    },
    async list(prefix) {
      const objects: StoredObject[] = [];
      for (const name of await listFiles(directory)) {
        const object = name.startsWith(prefix) ? await stat(name) : undefined;
        if (object) objects.push(object);
      }
      return objects;
    },
    adopt: (name, found) => state.transaction(() => recordOf(name, found) ?? finalize(name, found)),
    async removeUnfinished() {
      for (const file of await readdir(join(directory, INCOMING))) {
        if (!isAlive(file.slice(0, file.lastIndexOf(".")))) await rm(join(directory, INCOMING, file), { force: true });
      }
    },
  };
}

/** Microseconds since 1970, as Cloud Storage's are, and never one twice. */
function nextGeneration({ database }: State): number {
  const row = database
    .prepare("UPDATE last_generation SET generation = max(generation + 1, ?) RETURNING generation")
    .get(Date.now() * 1000);
  return Number(row?.["generation"]);
}

/** What Cloud Storage publishes, cut to what is known here: https://cloud.google.com/storage/docs/pubsub-notifications */
function finalizeNotification(bucket: string, { name, generation, bytes }: StoredObject): OutgoingMessage {
  return {
    topic: "dump-finalized",
    attributes: {
      eventType: "OBJECT_FINALIZE",
      payloadFormat: "JSON_API_V1",
      bucketId: bucket,
      objectId: name,
      objectGeneration: generation,
    },
    data: Buffer.from(JSON.stringify({ kind: "storage#object", bucket, name, generation, size: String(bytes) })),
  };
}

async function* concatenate(sources: readonly AsyncIterable<Uint8Array>[]): AsyncGenerator<Uint8Array> {
  for (const source of sources) yield* source;
}

/** A run's folder goes with its last object. `inbox` stays: people copy into it. */
function removeEmptyFolder(directory: string, folder: string): void {
  if (folder === directory || folder === join(directory, "inbox")) return;
  try {
    rmdirSync(folder);
  } catch {
    return; // not empty
  }
  removeEmptyFolder(directory, dirname(folder));
}

function diskFull(directory: string, cause: unknown): FatalError {
  return new FatalError("DISK_FULL", `No space is left in \`${directory}\`. Free some, then replay the run.`, {
    cause,
  });
}
