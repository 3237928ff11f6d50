// A run's report as people read it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportText } from "../../cli/report-text.ts";
import { type ProofReport, reportOf } from "../../contracts/report.ts";
import { at, facts, syncedRun, RUN_ID } from "./runs.ts";

test("the report shows stages with seconds and attempts, and what was masked, preserved and loaded", () => {
  assert.deepEqual(reportText(reportOf(syncedRun(), new Date(at(99)))).split("\n"), [
    `Run ${RUN_ID}: synced after 41.5 s`,
    "",
    "  stage                      status  seconds  attempts",
    "  export-production          done        3.9         1",
    "  dump-finalized:production  done        0.7         1",
    "  load-replica               done       10.8         2",
    "  mask                       done       12.5         3",
    "  preserve                   done        1.5         1",
    "  export-replica             done        4.0         1",
    "  dump-finalized:masked      done        1.0         1",
    "  load-staging               done        8.0         1",
    "",
    "  masked     9 tables, 31 columns, 52,000 rows",
    "  preserved  7 tables, 1,234 rows, 40 of them with a new id",
    "  staging    swapped in 12 ms; its old data is backed up as backup-1",
  ]);
});

test("rows that the contract leaves behind are counted", () => {
  const report = reportOf(syncedRun(), new Date(at(99)));
  const text = reportText({ ...report, masked: { tables: 9, columns: 31, rows: 52_000, deleted: 1_200 } });
  assert.match(text, /^ {2}masked +9 tables, 31 columns, 52,000 rows, 1,200 rows left behind$/m);
});

test("preserved rows that production has too are told by what became of them", () => {
  const report = reportOf(syncedRun(), new Date(at(99)));
  const preserved = { tables: 7, rows: 1_234, remapped: 40, kept: 1, overwritten: 2, renamed: 3 };
  assert.match(
    reportText({ ...report, preserved }),
    /1,234 rows, 40 of them with a new id, 2 in place of production's, 3 renamed, 1 row left to production's$/m,
  );
  const notes = ["`users.fax` is dropped: production has no such column."];
  assert.match(reportText({ ...report, preserved: { ...preserved, notes } }), /^ {13}`users\.fax` is dropped: .*$/m);
});

test("what the proof of masking looked at is told in counts, and what was allowed in names", () => {
  const report = reportOf(syncedRun(), new Date(at(99)));
  const proof = {
    ...{ originals: 4_012, compared: 900, visibleColumns: 40, visibleValues: 2_120, quotable: 1_900, facts: 62 },
    ...{ sampledTables: 0, allowed: [] },
  };
  const told = (changes: Partial<ProofReport>) => {
    const masked = { tables: 9, columns: 31, rows: 52_000, proof: { ...proof, ...changes } };
    const lines = reportText({ ...report, masked }).split("\n");
    const from = lines.findIndex((line) => line.startsWith("  proven"));
    return lines
      .slice(
        from,
        lines.findIndex((line) => line.startsWith("  preserved")),
      )
      .map((line) => line.slice(13));
  };
  assert.deepEqual(told({}), [
    "4,012 originals looked for in their columns: none is left",
    "900 rows held against what their transforms give: all are that",
    "2,120 texts of 40 visible columns read for 1,900 originals and 9 patterns: nothing found",
    "62 row counts, orphan counts and generated columns: as before",
  ]);
  const phone = { table: "branches", column: "contact", pattern: "phone", count: 12 };
  const quoted = { table: "articles", column: "body", pattern: "original", count: 1, of: "users.name" };
  assert.deepEqual(told({ sampledTables: 2, allowed: [phone, quoted] }).slice(2, 5), [
    "2,120 texts of 40 visible columns read for 1,900 originals (of 2 tables a sample) and 9 patterns: found is only what is allowed",
    "  branches.contact: phone, 12 times",
    "  articles.body: original of users.name, 1 time",
  ]);
});

test("a refused run's report is its reason", () => {
  const run = { ...facts([]), status: "refused" as const, endedAt: at(0), reason: "Another run is active." };
  assert.deepEqual(reportText(reportOf(run, new Date(at(99)))).split("\n"), [
    `Run ${RUN_ID}: refused after 0.0 s`,
    "",
    "RUN_REFUSED: Another run is active.",
  ]);
});
