// Optimistic concurrency: what a decision saw is what it replaces, or the decision is made again.
// Not Firestore's transactions: they lock what they read, and rivals then wait for each other for seconds.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { DocumentSnapshot, WriteBatch } from "@google-cloud/firestore";
import { type Connection, REQUEST_MS } from "./connection.ts";
import type { Fields } from "./documents.ts";
import { isWorthALook, unreachable } from "./errors.ts";

/** What shall stand in a document's place: these fields, nothing, or what stands there. */
export type Wanted = Fields | "nothing" | "same";

export interface Decided<Result> {
  /** One for each document, in their order. */
  readonly wanted: readonly Wanted[];
  readonly result: Result;
}

const MAX_BACKOFF_MS = 500;

/**
 * Reads documents and writes what `decide` wants in their place: all of it, and only if none of them has changed since;
 * else reads and decides again. Where all shall stay the same, nothing is written.
 *
 * @param paths such as `runs/…`
 * @throws RetryAfter RUN_STORE_UNREACHABLE, also when others were faster for 20 s; what else Connection.request throws
 */
export async function change<Result>(
  connection: Connection,
  paths: readonly string[],
  decide: (read: readonly (Fields | undefined)[]) => Decided<Result>,
): Promise<Result> {
  const deadline = performance.now() + REQUEST_MS;
  let tried: { readonly token: string; readonly result: Result } | undefined;
  for (let attempt = 0; performance.now() < deadline; attempt++) {
    const read = await connection.request(
      (firestore) => firestore.getAll(...paths.map((path) => firestore.doc(path))),
      { deadline },
    );
    // The answer to the last try may have been lost on its way; what it wrote stands there then.
    if (tried && read.some((document) => revisionOf(document).token === tried?.token)) return tried.result;
    const { wanted, result } = decide(read.map((document) => document.data()));
    if (wanted.every((one) => one === "same")) return result;
    tried = { token: randomBytes(6).toString("hex"), result };
    if (await commit(connection, deadline, { read, wanted, token: tried.token })) return result;
    await sleep(Math.random() * Math.min(MAX_BACKOFF_MS, 10 * 2 ** attempt));
  }
  throw unreachable(connection.place);
}

interface Commit {
  readonly read: readonly DocumentSnapshot[];
  readonly wanted: readonly Wanted[];
  readonly token: string;
}

/** One atomic write; false where a document has changed, and where nobody can tell what came of it. */
async function commit(connection: Connection, deadline: number, { read, wanted, token }: Commit): Promise<boolean> {
  const { FieldValue } = await import("@google-cloud/firestore");
  try {
    await connection.request(
      (firestore) => {
        const batch = firestore.batch();
        for (const [index, document] of read.entries()) {
          put(batch, document, wanted[index] ?? "same", token, FieldValue.delete());
        }
        return batch.commit();
      },
      { deadline, handle: isWorthALook },
    );
    return true;
  } catch (error) {
    if (isWorthALook(error)) return false;
    throw error;
  }
}

/** Adds a write that fails unless the document is as it was read; also for one that is only to stay the same. */
function put(batch: WriteBatch, document: DocumentSnapshot, wanted: Wanted, token: string, removed: unknown): void {
  const { ref, updateTime: lastUpdateTime } = document;
  const revision = `${revisionOf(document).count + 1}-${token}`;
  if (!document.exists || !lastUpdateTime) {
    if (typeof wanted === "object") batch.create(ref, { ...wanted, revision });
    else batch.delete(ref, { exists: false }); // as Firebase's own client does for a missing document
  } else if (wanted === "nothing") {
    batch.delete(ref, { lastUpdateTime });
  } else {
    const fields = wanted === "same" ? {} : { ...without(document, removed), ...wanted };
    batch.update(ref, { ...fields, revision }, { lastUpdateTime });
  }
}

/** An update leaves the fields that it does not name: this names them all, to be removed. */
function without(document: DocumentSnapshot, removed: unknown): Fields {
  return Object.fromEntries(Object.keys(document.data() ?? {}).map((field) => [field, removed]));
}

/** `12-5f0c…`: how often the document was written, and a token of the last writer's. */
function revisionOf(document: DocumentSnapshot): { readonly count: number; readonly token: string } {
  const [count = "", token = ""] = String(document.get("revision") ?? "").split("-");
  return { count: Number(count), token };
}
