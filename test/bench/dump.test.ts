// The benchmark of the dump rewriter runs, and its figures hang together.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inChunks, rewrite } from "../handlers/dump/rewriting.ts";
import { afterTest } from "../support/cleanup.ts";
import { makeDump } from "./dump-file.ts";
import { benchDump } from "./dump.ts";
import { dumpReport } from "./report.ts";

test("rewriting is measured against cat and gzip", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "understudy-bench-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const figures = await benchDump(directory, 40_000, () => undefined);
  for (const one of [figures.plain, figures.compressed]) {
    assert.ok(one.seconds > 0 && one.residentMegabytes > 20 && one.residentMegabytes < 150, JSON.stringify(figures));
    assert.equal(one.timesTheTool, one.seconds / one.toolSeconds);
  }
  assert.match(dumpReport(figures), /40,000 rows, \d+ MB\n[^]*`cat`[^]*`gzip -dc \| gzip -1`/);
});

test("the dump that is rewritten is a whole one, whose tables are large enough for keys that come later", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "understudy-bench-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  await makeDump(join(directory, "dump.sql"), 60_000);
  const dump = await readFile(join(directory, "dump.sql"));
  const { bytes, outcome } = await rewrite(inChunks(dump));
  assert.equal(outcome.tables.length, 8);
  assert.equal(bytes.toString("latin1").match(/^ALTER TABLE `table_\d` ADD UNIQUE KEY/gm)?.length, 8);
});
