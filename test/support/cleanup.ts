// Undoes what a test set up, last first: a connection closes before its database is dropped (node's own hooks run first to last).
import type { TestContext } from "node:test";

type Cleanup = () => Promise<void>;
const stacks = new WeakMap<TestContext, Cleanup[]>();

/** Runs `cleanup` after the test, before the ones that were asked for earlier. An error in it fails the test. */
export function afterTest(t: TestContext, cleanup: Cleanup): void {
  const stack = stacks.get(t);
  if (stack) {
    stack.push(cleanup);
    return;
  }
  const cleanups = [cleanup];
  stacks.set(t, cleanups);
  t.after(async () => {
    const errors: unknown[] = [];
    for (const undo of cleanups.toReversed()) await undo().catch((error: unknown) => errors.push(error));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "Several clean-ups after the test failed.");
  });
}

/** Whether the test's own body succeeded; asked in a clean-up. */
export function hasPassed(t: TestContext): boolean {
  return "passed" in t && t.passed === true; // there since Node 22, missing in its types
}
