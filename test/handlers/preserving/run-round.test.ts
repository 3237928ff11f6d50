// A round of steps on several sessions: which failure is told does not depend on which was faster.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { runRound } from "../../../handlers/preserving/run-round.ts";
import type { Step } from "../../../handlers/preserving/steps.ts";
import { workspaceOf } from "../../../handlers/preserving/workspace.ts";

/** The steps touch no server. */
const session = {
  query: () => Promise.resolve([]),
  run: () => Promise.resolve(),
  close: () => Promise.resolve(),
} as unknown as WriteSession;

test("of several steps that fail, the first in their order is told, and no further step is begun", async () => {
  const begun: string[] = [];
  const step = (name: string, run: () => Promise<void>): Step => ({
    kind: "prove",
    table: null,
    doing: name,
    run: () => {
      begun.push(name);
      return run();
    },
  });
  const later = Promise.withResolvers<void>();
  const fail = (name: string) => Promise.reject(new FatalError("PRESERVE_PROOF_FAILED", name));
  const steps = [
    step("good", () => Promise.resolve()),
    step("slow", () => later.promise.then(() => fail("slow"))),
    step("fast", () => fail("fast").finally(() => setImmediate(later.resolve))),
    step("last", () => Promise.resolve()),
  ].map((each, place) => ({ step: each, place }));
  const plan = { rules: [], ways: [], tables: [], references: [], following: [], defaulted: [], notes: [] };
  const context = { plan, session, workspace: workspaceOf(plan, "work"), database: "copy", open: async () => session };
  const pace = { batchRows: 1, sessions: 2, mayGoOn: () => true, onBatch: () => Promise.resolve() };
  await assert.rejects(runRound(context, steps, pace), { message: /slow/ });
  assert.deepEqual(begun, ["good", "slow", "fast"]);
});
