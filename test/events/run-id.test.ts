// Run ids, and the run of a request that does not name one.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SyncRequested } from "../../events/index.ts";
import { decode } from "../../events/message.ts";
import { newRunId, RunId, runIdFor } from "../../events/run-id.ts";
import { incoming, PUBLISHED_AT, RUN_ID } from "./samples.ts";

const instant = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true });

test("run ids sort as their times do, and always parse", () => {
  fc.assert(
    fc.property(instant, instant, fc.string(), (a, b, identity) => {
      const [first, second] = [newRunId(a), runIdFor(b, identity)];
      RunId.parse(first);
      RunId.parse(second);
      if (a.getTime() < b.getTime()) assert.ok(first < second, `${first} < ${second}`);
      if (a.getTime() > b.getTime()) assert.ok(first > second, `${first} > ${second}`);
    }),
  );
});

test("two runs of one millisecond differ", () => {
  const ids = new Set(Array.from({ length: 20 }, () => newRunId(PUBLISHED_AT)));
  assert.ok(ids.size > 15, `${ids.size} of 20 differ`);
});

test("what is no run id is refused", () => {
  for (const id of ["", "latest", "../../etc", `${RUN_ID}\n`, RUN_ID.toUpperCase(), `${RUN_ID}0`]) {
    assert.equal(RunId.safeParse(id).success, false, JSON.stringify(id));
  }
});

test("a request without a run gets the same one in every delivery of its message, and another message another", () => {
  const bare = SyncRequested.create({ pipeline: "shop", runId: "", requestedBy: "test" });
  const runOf = (id: string, attempt: number) => decode(SyncRequested, incoming(bare, { id, attempt })).data.runId;
  const run = runOf("message-1", 1);
  assert.match(run ?? "", /^20261122-021500-000-[0-9a-f]{6}$/);
  assert.equal(runOf("message-1", 5), run);
  assert.notEqual(runOf("message-2", 1), run);
});

test("a request that names its run keeps it", () => {
  const event = SyncRequested.create({ pipeline: "shop", runId: RUN_ID, requestedBy: "test" });
  assert.equal(decode(SyncRequested, incoming(event)).data.runId, RUN_ID);
});
