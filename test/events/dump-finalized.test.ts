// Which run a finished object belongs to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DumpFinalized, isInInbox } from "../../events/dump-finalized.ts";
import { RunId } from "../../events/run-id.ts";
import { RUN_ID } from "./samples.ts";

const GENERATION = "1763777700123456";
const object = (name: string, generation = GENERATION) => ({ bucket: "dumps", name, generation, size: "1" });
const runOf = (name: string, generation?: string) => DumpFinalized.run(object(name, generation));

test("an object of a run belongs to that run, with or without a prefix before it", () => {
  assert.equal(runOf(`runs/${RUN_ID}/production.sql.gz`), RUN_ID);
  assert.equal(runOf(`team/shop/runs/${RUN_ID}/masked.sql.gz`), RUN_ID);
});

test("an object under inbox/ opens the same run however often it is reported, and another when it is written anew", () => {
  const run = runOf("inbox/friday.sql.gz");
  assert.equal(run, runOf("inbox/friday.sql.gz"));
  assert.match(run ?? "", /^20251122-021500-123-[0-9a-f]{6}$/, "the run sorts by the time of the write");
  assert.notEqual(run, runOf("inbox/friday.sql.gz", "1763777700123457"));
  assert.notEqual(run, runOf("inbox/saturday.sql.gz"));
  assert.match(runOf("shop/inbox/friday.sql.gz") ?? "", /^20251122-/);
});

test("a generation that is no time still gives a run id", () => {
  for (const generation of ["0", "1", "9223372036854775807", "9".repeat(40)]) {
    assert.doesNotThrow(() => RunId.parse(runOf("inbox/friday.sql.gz", generation)), generation);
  }
});

test("other objects belong to no run", () => {
  for (const name of [
    "friday.sql.gz",
    "inbox/",
    "inbox/2026/friday.sql.gz",
    "myinbox/friday.sql.gz",
    `runs/${RUN_ID}`,
    `runs/${RUN_ID}/`,
    `runs/${RUN_ID}/load-replica/part-1-1.sql.gz`,
    "runs/yesterday/production.sql.gz",
    `myruns/${RUN_ID}/production.sql.gz`,
  ]) {
    assert.equal(runOf(name), undefined, name);
  }
});

test("only what stands in inbox/ itself is in the inbox", () => {
  assert.equal(isInInbox("inbox/friday.sql"), true);
  assert.equal(isInInbox("shop/inbox/friday.sql"), true);
  assert.equal(isInInbox("inbox/2026/friday.sql"), false);
  assert.equal(isInInbox(`runs/${RUN_ID}/inbox.sql`), false);
});

test("the key says which object and which write of it", () => {
  const key = DumpFinalized.key(object(`runs/${RUN_ID}/production.sql.gz`));
  assert.equal(key, `production.sql.gz#${GENERATION}`);
  assert.notEqual(DumpFinalized.key(object(`runs/${RUN_ID}/masked.sql.gz`)), key);
});

test("what Cloud Storage says beside the four fields is carried along", () => {
  const notification = { ...object("inbox/a.sql"), kind: "storage#object", metageneration: "1", md5Hash: "x" };
  assert.deepEqual(DumpFinalized.create(notification).data, notification);
});
