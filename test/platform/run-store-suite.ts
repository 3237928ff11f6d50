// What every world's run store promises.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Platform } from "../../contracts/platform.ts";
import type { DeadLetter, StageState } from "../../contracts/run.ts";
import { newRunId } from "../../events/run-id.ts";
import { describeRaces } from "./run-store-races.ts";
import { aRun } from "./world.ts";

const CONCURRENT = 50;

/** Opens a store of its own for one test, which `t` closes. */
export type OpenRuns = (t: TestContext) => Promise<{ readonly platform: Pick<Platform, "runs"> }>;

export function describeRunStore(world: string, open: OpenRuns): void {
  describeRaces(world, open);

  test(`${world}: a run is kept as it was given, and an unknown one is undefined`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun({ requestedBy: "山田 😀" });
    assert.equal(await runs.update(run.runId, () => ({ run, result: "kept" })), "kept");
    assert.deepEqual(await runs.get(run.runId), run);
    assert.equal(await runs.get(newRunId(new Date(0))), undefined);
  });

  test(`${world}: stages come in the order in which they started, and what they keep is as they gave it`, async (t) => {
    const { runs } = (await open(t)).platform;
    const kept = { tables: [["users", 1], []], "": null, __proof__: { "a.b/c": "\ud800 '山田' 😀" }, deep: nested(30) };
    const stages = { zeta: doneStage("zeta", kept), "alpha:x": doneStage("alpha", { rows: 2 ** 53, share: 0.1 }) };
    const run = { ...aRun(), stages };
    await runs.update(run.runId, () => ({ run, result: undefined }));
    const stored = await runs.get(run.runId);
    assert.deepEqual(stored, run);
    assert.deepEqual(Object.keys(stored?.stages ?? {}), ["zeta", "alpha:x"]);
    for (const checkpoint of [null, false, 0, "", "text", [], [[1]], {}]) {
      const changed = { ...run, stages: { ...stages, zeta: { ...stages.zeta, checkpoint } } };
      await runs.update(run.runId, () => ({ run: changed, result: undefined }));
      assert.deepEqual(await runs.get(run.runId), changed);
    }
  });

  test(`${world}: what a change leaves out is gone`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun({ requestedBy: "operator" });
    const error = { code: "BOOM", message: "It went boom." };
    const failed = { ...run, status: "failed" as const, failedAt: run.openedAt, error, failedStage: "mask" };
    await runs.update(run.runId, () => ({ run: failed, result: undefined }));
    const { requestedBy: _left, ...reopened } = run;
    await runs.update(run.runId, () => ({ run: reopened, result: undefined }));
    assert.deepEqual(await runs.get(run.runId), reopened);
  });

  test(`${world}: of ${CONCURRENT} who open a run at once one wins`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun();
    const claims = Array.from({ length: CONCURRENT }, (_, index) =>
      runs.update(run.runId, (current) =>
        current ? { result: false } : { run: { ...run, requestedBy: `claim ${index}` }, result: true },
      ),
    );
    const won = (await Promise.all(claims)).flatMap((winner, index) => (winner ? [index] : []));
    assert.equal(won.length, 1);
    assert.equal((await runs.get(run.runId))?.requestedBy, `claim ${won[0]}`);
  });

  test(`${world}: no update is lost`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun({ requestedBy: "0" });
    await runs.update(run.runId, () => ({ run, result: undefined }));
    const count = () =>
      runs.update(run.runId, (current = assert.fail()) => ({
        run: { ...current, requestedBy: String(Number(current.requestedBy) + 1) },
        result: undefined,
      }));
    await Promise.all(Array.from({ length: 10 }, count));
    assert.equal((await runs.get(run.runId))?.requestedBy, "10");
  });

  test(`${world}: a pipeline's lock is taken once, and can be taken again when it is free`, async (t) => {
    const { runs } = (await open(t)).platform;
    const take = (run = aRun()) =>
      runs.updateWithLock("shop", run.runId, (_current, lock) =>
        lock
          ? { result: undefined }
          : { run, lock: { pipeline: "shop", runId: run.runId, since: run.openedAt }, result: run.runId },
      );
    const taken = (await Promise.all(Array.from({ length: 10 }, () => take()))).filter((runId) => runId !== undefined);
    assert.equal(taken.length, 1);
    assert.equal((await runs.getLock("shop"))?.runId, taken[0]);
    assert.equal((await runs.list("shop", 100)).length, 1);
    assert.equal(await runs.getLock("another"), undefined);

    await runs.updateWithLock("shop", taken[0] ?? "", () => ({ lock: "free", result: undefined }));
    assert.equal(await runs.getLock("shop"), undefined);
    assert.ok(await take());
  });

  test(`${world}: a decision that throws changes nothing`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun();
    await runs.update(run.runId, () => ({ run, result: undefined }));
    await assert.rejects(runs.update(run.runId, boom), /boom/);
    await assert.rejects(runs.updateWithLock("shop", run.runId, boom), /boom/);
    assert.deepEqual(await runs.get(run.runId), run);
    assert.equal(await runs.getLock("shop"), undefined);
    await runs.update(run.runId, () => ({ run: { ...run, requestedBy: "after" }, result: undefined })); // still usable
  });

  test(`${world}: an impossible state is refused, and what stood there stays`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun();
    await runs.update(run.runId, () => ({ run, result: undefined }));
    const impossible = { ...run, endedAt: run.openedAt }; // a running run has no end
    await assert.rejects(runs.update(run.runId, () => ({ run: impossible, result: undefined })));
    assert.deepEqual(await runs.get(run.runId), run);
  });

  test(`${world}: a decision about another run than it was asked for is refused`, async (t) => {
    const { runs } = (await open(t)).platform;
    const [run, other] = [aRun(), aRun()];
    await assert.rejects(
      runs.update(run.runId, () => ({ run: other, result: undefined })),
      /is about run/,
    );
    assert.equal(await runs.get(run.runId), undefined);
    assert.equal(await runs.get(other.runId), undefined);
  });

  test(`${world}: runs are listed newest first, of one pipeline, and no more than asked for`, async (t) => {
    const { runs } = (await open(t)).platform;
    const ids = [3, 1, 2].map((day) => newRunId(new Date(Date.UTC(2026, 0, day))));
    for (const runId of ids) await runs.update(runId, () => ({ run: aRun({ runId }), result: undefined }));
    const other = aRun({ pipeline: "another" });
    await runs.update(other.runId, () => ({ run: other, result: undefined }));
    const listed = (await runs.list("shop", 2)).map(({ runId }) => runId);
    assert.deepEqual(listed, [ids[0], ids[2]]);
  });

  test(`${world}: a dead letter is kept once, and the newest is listed first`, async (t) => {
    const { runs } = (await open(t)).platform;
    for (const one of [letter("a", 1), letter("b", 2), letter("a", 3)]) await runs.recordDeadLetter(one);
    assert.deepEqual(await runs.listDeadLetters("shop", 10), [letter("b", 2), letter("a", 1)]);
    assert.deepEqual(await runs.listDeadLetters("another", 10), []);
  });
}

let started = 0;

/** A stage that kept `kept` wherever a stage can keep something; each starts a second after the one before. */
function doneStage(stage: string, kept: Record<string, unknown>): StageState {
  const startedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, started++)).toISOString();
  const event = { name: "replica-loaded", version: 1, data: kept };
  return {
    ...{ stage, key: "", event, epoch: 1, failures: 0, continuations: 0, startedAt },
    ...{
      status: "done",
      endedAt: startedAt,
      outputs: [event, { ...event, data: [kept] }],
      summary: kept,
      checkpoint: kept,
    },
  };
}

function nested(levels: number): unknown {
  return levels === 0 ? "deep" : { inner: nested(levels - 1) };
}

function boom(): never {
  throw new Error("boom");
}

function letter(id: string, second: number): DeadLetter {
  return {
    id,
    pipeline: "shop",
    stage: "mask",
    messageId: "1",
    attempts: 5,
    error: { code: "BOOM", message: "It went boom." },
    failedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  };
}
