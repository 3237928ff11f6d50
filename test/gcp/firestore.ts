// A Firestore database for one test, on Google's emulator.
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { Firestore } from "@google-cloud/firestore";
import type { Place } from "../../deploy/gcp/run-store/errors.ts";
import { afterTest } from "../support/cleanup.ts";
import { emulatorHost } from "./emulator-host.ts";

export interface TestFirestore extends Place {
  readonly client: Firestore;
}

/** An empty named database, as the emulator makes them when they are first spoken of. */
export function openFirestore(t: TestContext): TestFirestore {
  emulatorHost("firestore"); // the client reads it itself
  // It asks Google's metadata server who it is even so; where a test has none, that costs half a second.
  if (!process.env["GCE_METADATA_HOST"]) process.env["METADATA_SERVER_DETECTION"] = "none";
  const place = { project: `test-${randomBytes(6).toString("hex")}`, database: "understudy-shop" };
  const client = new Firestore({ projectId: place.project, databaseId: place.database });
  afterTest(t, () => client.terminate());
  return { ...place, client };
}

/** Counts the writes of a client from now on, as Google bills them; the store makes all of them in batches. */
export function countWrites(client: Firestore): () => number {
  let writes = 0;
  const batch = client.batch.bind(client);
  client.batch = () => {
    const counted = batch();
    const commit = counted.commit.bind(counted);
    counted.commit = async () => {
      const results = await commit();
      writes += results.length;
      return results;
    };
    return counted;
  };
  return () => writes;
}
