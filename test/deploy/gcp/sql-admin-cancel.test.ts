// Cancelling ends when the operation has ended, and not when Cloud SQL has heard of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OAuth2Client } from "google-auth-library";
import { cancelOperation } from "../../../deploy/gcp/sql-admin/cancel-operation.ts";
import { openSqlAdminClient } from "../../../deploy/gcp/sql-admin/client.ts";
import type { CloudOperation } from "../../../deploy/gcp/sql-admin/operation.ts";
import { startHttpServer } from "../../gcp/servers/http.ts";

test("an operation is cancelled once, and looked at until it has ended", async (t) => {
  let cancelled = 0;
  const server = await startHttpServer({
    "POST /v1/projects/p/operations/o/cancel": () => {
      cancelled++;
      return { json: {} };
    },
  });
  t.after(() => server.close());
  const google = new OAuth2Client();
  google.setCredentials({ access_token: "a token", expiry_date: Date.now() + 3_600_000 });
  const client = openSqlAdminClient(
    { sqlAdmin: server.url },
    google as unknown as Parameters<typeof openSqlAdminClient>[1],
  );

  const waits: number[] = [];
  const clock = { now: () => new Date(0), sleep: async (ms: number) => void waits.push(ms) };
  const look = async (): Promise<CloudOperation> => ({
    ...{ name: "o", operationType: "IMPORT", status: waits.length < 5 ? "RUNNING" : "DONE" },
  });
  const poll = { firstMs: 2_000, longestMs: 8_000 };
  await cancelOperation({ client, clock, poll, look, ask: (_, call) => call() }, "projects/p/instances/i/operations/o");
  assert.equal(cancelled, 1);
  assert.deepEqual(waits, [2_000, 3_000, 4_500, 6_750, 8_000]);
});
