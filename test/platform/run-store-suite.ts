// What every world's run store promises.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeadLetter } from "../../contracts/run.ts";
import { newRunId } from "../../events/run-id.ts";
import { aRun, type OpenPlatform } from "./world.ts";

const CONCURRENT = 50;

export function describeRunStore(world: string, open: OpenPlatform): void {
  test(`${world}: a run is kept as it was given, and an unknown one is undefined`, async (t) => {
    const { runs } = (await open(t)).platform;
    const run = aRun({ requestedBy: "山田 😀" });
    assert.equal(await runs.update(run.runId, () => ({ run, result: "kept" })), "kept");
    assert.deepEqual(await runs.get(run.runId), run);
    assert.equal(await runs.get(newRunId(new Date(0))), undefined);
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
