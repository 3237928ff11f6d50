// Following a run: what is shown of scripted run documents, on a terminal and on a pipe.
import assert from "node:assert/strict";
import { test } from "node:test";
import { followRun } from "../../cli/follow.ts";
import { displayWidth } from "../../cli/render/format.ts";
import { openView, type RunView, type Screen } from "../../cli/render/view.ts";
import type { Progress, Run, StageState } from "../../contracts/run.ts";
import { activeStage, at, doneStage, facts, failedStage, RUN_ID, syncedRun, waitingStage } from "./runs.ts";
import { ESCAPE, openPipe, openTerminal } from "./screen.ts";

const exported = [
  doneStage({ stage: "export-production", key: RUN_ID, from: 0, to: 3 }),
  doneStage({ stage: "dump-finalized", key: "production.sql.gz#1", from: 3, to: 4 }),
  doneStage({ stage: "load-replica", key: "production", from: 4, to: 10 }),
];

function running(...more: StageState[]): Run {
  return { ...facts([...exported, ...more]), status: "running" };
}

/** Masking with `done` of 50,000 rows. */
function masking(done: number, epoch = 1): Run {
  return maskingBy({ unit: "rows", done, total: 50_000, doing: "users" }, epoch);
}

function maskingBy(progress: Progress, epoch = 1): Run {
  return running({ ...activeStage({ stage: "mask", from: 10, progress }), epoch });
}

function failedRun(): Run {
  const error = { code: "MASK_NOT_UNIQUE", message: "Two rows would be alike." };
  const stages = [...exported, failedStage({ stage: "mask", from: 10, to: 12 }, error.code, error.message)];
  return { ...facts(stages), status: "failed", failedAt: at(12), failedStage: "mask", error };
}

/** Shows each run at its second. */
function show(screen: Screen, script: readonly (readonly [seconds: number, run: Run | undefined])[]): void {
  const view = openView(screen, {});
  for (const [seconds, run] of script) view.update(run, new Date(at(seconds)));
  view.close();
}

test("a terminal shows every stage, with a bar, rate and time left for the one at work", () => {
  const terminal = openTerminal(120);
  show(terminal, [
    [-1, undefined],
    [10, masking(0)],
    [12, masking(20_000)],
    [14, masking(30_000)],
  ]);
  assert.deepEqual(terminal.lines(), [
    `Run ${RUN_ID} of shop: running, 14.0 s`,
    "✓ export-production          3.0 s",
    "✓ dump-finalized:production  1.0 s",
    "✓ load-replica               6.0 s",
    "▸ mask                       ████████████░░░░░░░░  60% 30,000 of 50,000 rows, users, 7,500 rows/s, 2.7 s left  4.0 s",
    "· preserve",
    "· export-replica",
    "· dump-finalized:masked",
    "· load-staging",
    "",
  ]);
});

test("a terminal's lines never wrap, whatever its width and the tables' names", () => {
  for (const columns of [10, 28, 40, 60, 80]) {
    const terminal = openTerminal(columns);
    const progress = { unit: "rows" as const, done: 7, total: 9, doing: "住所録".repeat(20) };
    show(terminal, [[12, running(activeStage({ stage: "mask", from: 10, progress }))]]);
    for (const line of terminal.lines()) assert.ok(displayWidth(line) < columns, `${columns}: ${line}`);
    assert.equal(terminal.lines().length, 10);
  }
});

test("a terminal is not drawn on when nothing has changed", () => {
  const terminal = openTerminal(100);
  const ended: Run = syncedRun();
  show(terminal, [[41.5, ended]]);
  const once = terminal.text();
  const again = openTerminal(100);
  show(again, [
    [41.5, ended],
    [41.5, ended],
  ]);
  assert.equal(again.text(), once);
});

test("a terminal marks what failed and what will be tried again", () => {
  const terminal = openTerminal(100);
  show(terminal, [[12, failedRun()]]);
  assert.ok(
    terminal.lines().includes("✗ mask                       2.0 s  MASK_NOT_UNIQUE"),
    terminal.lines().join("\n"),
  );
  const retried = openTerminal(140);
  const lastError = { code: "MYSQL_UNREACHABLE", message: "The replica server cannot be reached." };
  show(retried, [[12, running(waitingStage({ stage: "mask", from: 10, failures: 1, lastError }))]]);
  assert.ok(
    retried
      .lines()
      .includes(
        "! mask                       will be tried again: MYSQL_UNREACHABLE: The replica server cannot be reached.",
      ),
  );
});

test("colours are used on a terminal that has them", () => {
  const terminal = Object.assign(openTerminal(100), { getColorDepth: () => 8 });
  show(terminal, [[12, masking(10)]]);
  assert.ok(terminal.text().includes(`${ESCAPE}[32m✓${ESCAPE}[39m export-production`));
});

test("a terminal that cannot be drawn over gets lines", () => {
  const terminal = openTerminal(100);
  openView(terminal, { TERM: "dumb" }).update(masking(1), new Date(at(11)));
  assert.ok(!terminal.text().includes(ESCAPE));
});

test("a run that an inbox dump opened shows no export of production", () => {
  const terminal = openTerminal(100);
  const stages = [doneStage({ stage: "dump-finalized", key: "theirs.sql.gz#7", from: 0, to: 1 })];
  show(terminal, [[2, { ...facts(stages), trigger: "inbox", status: "running" }]]);
  assert.deepEqual(terminal.lines().slice(1, 4), [
    "✓ dump-finalized:theirs      1.0 s",
    "· dump-finalized:production",
    "· load-replica",
  ]);
});

test("a pipe gets a line when a stage begins or ends, and progress every few seconds", () => {
  const pipe = openPipe();
  show(pipe, [
    [-1, undefined],
    [0.2, { ...facts([activeStage({ stage: "export-production", key: RUN_ID, from: 0 })]), status: "running" }],
    [10.1, masking(0)],
    [12, masking(5_000)],
    [14, masking(9_000)],
    [15.1, masking(10_000)],
    [16, masking(11_000)],
    [20.2, masking(30_000)],
    [25, running(doneStage({ stage: "mask", from: 10, to: 24.5 }))],
  ]);
  assert.deepEqual(pipe.text().split("\n"), [
    `Run ${RUN_ID} of shop`,
    "      0.2 s  export-production started",
    "     10.1 s  export-production done in 3.0 s",
    "     10.1 s  dump-finalized:production done in 1.0 s",
    "     10.1 s  load-replica done in 6.0 s",
    "     10.1 s  mask started",
    "     15.1 s  mask 20%: 10,000 of 50,000 rows, users, 2,000 rows/s, 20.0 s left",
    "     20.2 s  mask 60%: 30,000 of 50,000 rows, users, 2,970 rows/s, 6.7 s left",
    "     25.0 s  mask done in 14.5 s",
    "",
  ]);
  assert.ok(!pipe.text().includes(ESCAPE));
});

test("a pipe is told once that a run is waited for, and not of the moment that it mostly takes", () => {
  const pipe = openPipe();
  show(pipe, [
    [0, undefined],
    [0.9, undefined],
  ]);
  assert.equal(pipe.text(), "");
  const patient = openPipe();
  show(patient, [
    [0, undefined],
    [1, undefined],
    [9, undefined],
    [10, running()],
  ]);
  assert.deepEqual(patient.text().split("\n").slice(0, 2), [
    "Waiting for the run to be opened",
    `Run ${RUN_ID} of shop`,
  ]);
});

test("a pipe is told of each failure once, of a replay, and nothing of continuations", () => {
  const pipe = openPipe();
  const lastError = { code: "MYSQL_UNREACHABLE", message: "The replica server cannot be reached." };
  const waiting = (failures: number, continuations: number): Run =>
    running(waitingStage({ stage: "mask", from: 10, failures, continuations, lastError }));
  show(pipe, [
    [11, masking(0)],
    [12, waiting(1, 0)],
    [12.2, waiting(1, 0)],
    [13, masking(100, 2)],
    [14, running(waitingStage({ stage: "mask", from: 10, failures: 1, continuations: 1, lastError }))],
    [15, waiting(2, 1)],
    [16, failedRun()],
    [17, failedRun()],
    [30, running({ ...activeStage({ stage: "mask", from: 10, failures: 2 }), epoch: 9 })],
  ]);
  const told = pipe
    .text()
    .split("\n")
    .slice(4, -1)
    .map((line) => line.slice(13));
  const again = `mask will be tried again: MYSQL_UNREACHABLE: ${lastError.message}`;
  assert.deepEqual(told, ["mask started", again, again, "mask failed after 2.0 s: MASK_NOT_UNIQUE", "mask replayed"]);
});

for (const [first, later, told] of [
  [{ unit: "bytes", done: 0 }, { unit: "bytes", done: 25_000_000 }, "25.0 MB, 2.50 MB/s"],
  [
    { unit: "steps", done: 0, total: 3 },
    { unit: "steps", done: 2, total: 3, doing: "swapping" },
    "step 3 of 3, swapping",
  ],
  [{ unit: "rows", done: 9, total: 9 }, { unit: "rows", done: 3, total: 9 }, "33%: 3 of 9 rows"], // counted anew: no rate
] as const) {
  test(`progress in ${first.unit} is told as \`${told}\``, () => {
    const pipe = openPipe();
    show(pipe, [
      [10, maskingBy(first)],
      [20, maskingBy(later)],
    ]);
    assert.equal(pipe.text().split("\n").at(-2)?.slice(13), `mask ${told}`);
  });
}

const silent: RunView = { update: () => undefined, close: () => undefined };

/** A run store that gives one document after the other, and a clock whose sleeps end at once. */
function scripted(documents: readonly (Run | undefined)[]) {
  let looks = 0;
  return {
    runs: { get: async () => documents[Math.min(looks++, documents.length - 1)] },
    clock: { now: () => new Date(at(99)), sleep: async () => undefined },
    looks: () => looks,
  };
}

for (const [status, end] of [
  ["synced", syncedRun()],
  ["failed", failedRun()],
  ["refused", { ...facts([]), status: "refused", endedAt: at(0), reason: "Another run is active." }],
  ["abandoned", { ...facts([]), status: "abandoned", endedAt: at(0), reason: "Not needed." }],
] as const) {
  test(`following ends when the run is ${status}`, async () => {
    const { runs, clock, looks } = scripted([undefined, masking(1), masking(2), end, masking(3)]);
    const run = await followRun({ runs, clock, runId: RUN_ID, view: silent, signal: new AbortController().signal });
    assert.equal(run?.status, status);
    assert.equal(looks(), 4);
  });
}

test("following ends at once when it is interrupted, with the run as it was last seen", async () => {
  const interrupt = new AbortController();
  const { runs, clock } = scripted([masking(1)]);
  const view: RunView = { ...silent, update: () => interrupt.abort() };
  const run = await followRun({ runs, clock, runId: RUN_ID, view, signal: interrupt.signal });
  assert.equal(run?.status, "running");
});

test("the view is closed also when the run store fails", async () => {
  let closed = false;
  const view: RunView = { ...silent, close: () => void (closed = true) };
  const runs = { get: () => Promise.reject(new Error("gone")) };
  const { clock } = scripted([]);
  await assert.rejects(followRun({ runs, clock, runId: RUN_ID, view, signal: new AbortController().signal }), /gone/);
  assert.ok(closed);
});
