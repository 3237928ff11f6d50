// Runs, locks and dead letters in a pipeline's Firestore database. Its indexes and TTL policies are in terraform/.
import type { Firestore } from "@google-cloud/firestore";
import type { RunStore } from "../../contracts/platform.ts";
import type { Run } from "../../contracts/run.ts";
import { change, type Wanted } from "./run-store/change.ts";
import { type ConnectionOptions, openConnection } from "./run-store/connection.ts";
import {
  documentId,
  type Fields,
  fieldsOfDeadLetter,
  fieldsOfLock,
  fieldsOfRun,
  readDeadLetter,
  readLock,
  readRun,
} from "./run-store/documents.ts";
import { isAlreadyThere } from "./run-store/errors.ts";
import { checkSize } from "./run-store/size.ts";

export interface FirestoreRunStore extends RunStore {
  close(): Promise<void>;
}

/**
 * Opens the run store in a Firestore database. The library is loaded, and credentials are looked for, with the first
 * request.
 *
 * Its methods throw FatalError RUN_STORE_MISSING, RUN_STORE_DENIED, RUN_STORE_NOT_READY, RUN_STORE_REFUSED,
 * RUN_STATE_TOO_LARGE or STATE_UNREADABLE, and RetryAfter RUN_STORE_UNREACHABLE after 20 s at most.
 */
export function openFirestoreRunStore(options: ConnectionOptions): FirestoreRunStore {
  const connection = openConnection(options);

  async function get<Document>(path: string, read: (fields: Fields, path: string) => Document) {
    const document = await connection.request((firestore) => firestore.doc(path).get());
    const fields = document.data();
    return fields && read(fields, path);
  }

  /** The newest of a pipeline's documents; `orderBy` makes the index that it needs. */
  async function newest<Document>(
    { collection, orderBy }: { collection: string; orderBy: string },
    { pipeline, limit }: { pipeline: string; limit: number },
    read: (fields: Fields, path: string) => Document,
  ): Promise<Document[]> {
    const found = await connection.request((firestore) =>
      firestore.collection(collection).where("pipeline", "==", pipeline).orderBy(orderBy, "desc").limit(limit).get(),
    );
    return found.docs.map((document) => read(document.data(), document.ref.path));
  }

  return {
    get: (runId) => get(runPath(runId), readRun),
    getLock: (pipeline) => get(lockPath(pipeline), readLock),
    list: (pipeline, limit) => newest({ collection: "runs", orderBy: "runId" }, { pipeline, limit }, readRun),
    update(runId, decide) {
      const path = runPath(runId);
      return change(connection, [path], ([stored]) => {
        const { run, result } = decide(stored && readRun(stored, path));
        return { wanted: [wantedRun(runId, run)], result };
      });
    },
    updateWithLock(pipeline, runId, decide) {
      const [path, place] = [runPath(runId), lockPath(pipeline)];
      return change(connection, [path, place], ([stored, storedLock]) => {
        const { run, lock, result } = decide(
          stored && readRun(stored, path),
          storedLock && readLock(storedLock, place),
        );
        const wantedLock = lock === undefined ? "same" : lock === "free" ? "nothing" : fieldsOfLock(lock);
        return { wanted: [wantedRun(runId, run), wantedLock], result };
      });
    },
    async recordDeadLetter(letter) {
      const path = `deadLetters/${documentId(letter.id)}`;
      const fields = fieldsOfDeadLetter(letter);
      checkSize(path, fields);
      const create = (firestore: Firestore) => firestore.batch().create(firestore.doc(path), fields).commit();
      await connection.request(create, { handle: isAlreadyThere }).catch((error: unknown) => {
        if (!isAlreadyThere(error)) throw error;
      });
    },
    listDeadLetters: (pipeline, limit) =>
      newest({ collection: "deadLetters", orderBy: "failedAt" }, { pipeline, limit }, readDeadLetter),
    close: () => connection.close(),
  };
}

function wantedRun(runId: string, run: Run | undefined): Wanted {
  if (!run) return "same";
  if (run.runId !== runId) throw new Error(`The decision on run ${runId} is about run ${run.runId}.`);
  const fields = fieldsOfRun(run);
  checkSize(runPath(runId), fields);
  return fields;
}

function runPath(runId: string): string {
  return `runs/${documentId(runId)}`;
}

function lockPath(pipeline: string): string {
  return `locks/${documentId(pipeline)}`;
}
