// The list of consumers, which knows no code, against the code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABANDON, consumers, DEAD_LETTER, ROLLBACK } from "../../handlers/consumers.ts";
import { stages } from "../../handlers/stages.ts";

test("every stage is listed as a consumer of its event, in order, and beside the stages only three", () => {
  const of = ({ name, on }: (typeof consumers)[number]) => [name, on.name];
  assert.deepEqual(consumers.slice(0, stages.length).map(of), stages.map(of));
  assert.deepEqual(
    consumers.slice(stages.length).map(({ name }) => name),
    [ABANDON, ROLLBACK, DEAD_LETTER],
  );
});
