// What an operator reads when Firestore refuses or keeps silent. A client that only fails stands in for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Firestore } from "@google-cloud/firestore";
import type { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import { openFirestoreRunStore } from "../../../deploy/gcp/run-store.ts";

const RUN_ID = "20261122-021500-000-4f9a2c";
const CALLER = "shop-mask@acme.iam.gserviceaccount.com";

/** gRPC's status, Google's reason, and what comes of it. */
const REFUSALS: readonly (readonly [status: number, reason: string | undefined, code: string, message: RegExp])[] = [
  [3, undefined, "RUN_STORE_REFUSED", /^The Firestore database `understudy-shop` in project `acme` refuses a request/],
  [
    5,
    undefined,
    "RUN_STORE_MISSING",
    /no Firestore database `understudy-shop` in project `acme`\. Run `terraform apply`/,
  ],
  [
    7,
    undefined,
    "RUN_STORE_DENIED",
    /^`shop-mask@acme\S+` may not use .*`understudy-shop`.* Grant it `roles\/datastore\.user`/,
  ],
  [7, "SERVICE_DISABLED", "API_NOT_ENABLED", /Run `gcloud services enable firestore\.googleapis\.com`/],
  [
    9,
    undefined,
    "RUN_STORE_NOT_READY",
    /`understudy-shop` in project `acme` lacks an index, or is not in Native mode\./,
  ],
  [16, undefined, "CREDENTIALS_REFUSED", /^Firestore does not accept the credentials/],
];

for (const [status, reason, code, message] of REFUSALS) {
  test(`a read that fails with status ${status}${reason ? ` (${reason})` : ""} is ${code}`, async () => {
    const runs = openOn(refusing(status, reason));
    const reads = [
      () => runs.get(RUN_ID),
      () => runs.list("shop", 1),
      () => runs.update(RUN_ID, () => ({ result: 0 })),
    ];
    for (const read of reads) {
      await assert.rejects(read, (error: FatalError) => {
        assert.equal(error.name, "FatalError");
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /ann@/);
        return true;
      });
    }
  });
}

for (const status of [2, 4, 8, 10, 13, 14]) {
  test(`a read that fails with status ${status} is delivered again`, async () => {
    await assert.rejects(openOn(refusing(status)).get(RUN_ID), (error: RetryAfter) => {
      assert.equal(error.name, "RetryAfter");
      assert.equal(error.code, "RUN_STORE_UNREACHABLE");
      assert.equal(error.afterMs, 5_000);
      return true;
    });
  });
}

test("a request that is never answered is given up after 20 s, and holds no process", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const silent = { doc: () => ({ get: () => new Promise(() => undefined) }) };
  const answer = assert.rejects(openOn(silent).get(RUN_ID), { name: "RetryAfter", code: "RUN_STORE_UNREACHABLE" });
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(20_000);
  await answer;
});

test("no credentials at all are told in words", async () => {
  const error = new Error("Could not load the default credentials. Browse to https://…");
  await assert.rejects(openOn({ doc: () => ({ get: () => Promise.reject(error) }) }).get(RUN_ID), {
    name: "FatalError",
    code: "CREDENTIALS_MISSING",
  });
});

function openOn(client: object) {
  return openFirestoreRunStore({
    ...{ project: "acme", database: "understudy-shop", auth: { email: async () => CALLER } },
    client: client as Firestore,
  });
}

/** A client that answers every request with that error. */
function refusing(status: number, reason?: string): object {
  const fail = () => Promise.reject(Object.assign(new Error("ann@example.com is told"), { code: status, reason }));
  const query = { where: () => query, orderBy: () => query, limit: () => query, get: fail };
  return { doc: () => ({ get: fail }), getAll: fail, collection: () => query };
}
