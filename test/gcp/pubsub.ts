// A client of Google's Pub/Sub emulator for one test.
import type { TestContext } from "node:test";
import { PubSub } from "@google-cloud/pubsub";
import { afterTest } from "../support/cleanup.ts";
import { emulatorHost } from "./emulator-host.ts";

/** Closed after the test. Projects come into being when they are first spoken of. */
export function openPubSub(t: TestContext, projectId: string): PubSub {
  emulatorHost("pubsub"); // the client reads it itself
  // It asks Google's metadata server who it is even so; where a test has none, that costs half a second.
  if (!process.env["GCE_METADATA_HOST"]) process.env["METADATA_SERVER_DETECTION"] = "none";
  const client = new PubSub({ projectId });
  afterTest(t, () => client.close());
  return client;
}
