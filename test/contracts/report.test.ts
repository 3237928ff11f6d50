// A run's report, from the run document alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOf, RunReport } from "../../contracts/report.ts";
import { Run } from "../../contracts/run.ts";
import { activeStage, at, facts, failedStage, RUN_ID, syncedRun } from "../cli/runs.ts";

test("a synced run's report has every stage with its seconds and attempts, and what was done", () => {
  const report = reportOf(Run.parse(syncedRun()), new Date(at(9999)));
  assert.deepEqual(RunReport.parse(JSON.parse(JSON.stringify(report))), {
    run: RUN_ID,
    status: "synced",
    seconds: 41.5,
    stages: [
      { name: "export-production", status: "done", seconds: 3.9, attempts: 1 },
      { name: "dump-finalized:production", status: "done", seconds: 0.7, attempts: 1 },
      { name: "load-replica", status: "done", seconds: 10.8, attempts: 2 },
      { name: "mask", status: "done", seconds: 12.5, attempts: 3 },
      { name: "preserve", status: "done", seconds: 1.5, attempts: 1 },
      { name: "export-replica", status: "done", seconds: 4, attempts: 1 },
      { name: "dump-finalized:masked", status: "done", seconds: 1, attempts: 1 },
      { name: "load-staging", status: "done", seconds: 8, attempts: 1 },
    ],
    masked: { tables: 9, columns: 31, rows: 52_000 },
    preserved: { tables: 7, rows: 1234, remapped: 40 },
    staging: { outageMs: 12, backup: "backup-1" },
  });
});

test("an active run's report counts until now and has nothing where nothing is known yet", () => {
  const run: Run = { ...facts([activeStage({ stage: "mask", from: 2 })]), status: "running" };
  const report = reportOf(run, new Date(at(5)));
  assert.deepEqual(report, {
    run: RUN_ID,
    status: "running",
    seconds: 5,
    stages: [{ name: "mask", status: "leased", seconds: 3, attempts: 1 }],
    masked: null,
    preserved: null,
    staging: null,
  });
});

test("the report of a run that failed, was refused or abandoned says why", () => {
  const error = { code: "CONTRACT_UNLISTED_COLUMNS", message: "No transform for `users.phone`." };
  const stages = [failedStage({ stage: "mask", from: 2, to: 3 }, error.code, error.message)];
  const failed: Run = { ...facts(stages), status: "failed", failedAt: at(3.5), failedStage: "mask", error };
  assert.deepEqual(reportOf(failed, new Date(at(100))).error, error);
  assert.equal(reportOf(failed, new Date(at(100))).seconds, 3.5);
  const refused: Run = { ...facts([]), status: "refused", endedAt: at(0), reason: "Another run is active." };
  assert.deepEqual(reportOf(refused, new Date(at(100))).error, { code: "RUN_REFUSED", message: refused.reason });
  const abandoned: Run = { ...facts([]), status: "abandoned", endedAt: at(9), reason: "Not needed." };
  assert.deepEqual(reportOf(abandoned, new Date(at(100))).error, { code: "RUN_ABANDONED", message: "Not needed." });
});
