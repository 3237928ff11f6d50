// The trace that a run's deliveries share.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as tick } from "node:timers/promises";
import { currentTrace, inTrace, traceparentOf } from "../../../deploy/gcp/trace.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

test("a delivery is a new span of the trace that its message came with", () => {
  const trace = inTrace(`00-${TRACE_ID}-b7ad6b7169203331-00`, currentTrace);
  assert.equal(trace?.traceId, TRACE_ID);
  assert.match(trace.spanId, /^[0-9a-f]{16}$/);
  assert.notEqual(trace.spanId, "b7ad6b7169203331");
  assert.equal(trace.sampled, false);
  assert.equal(traceparentOf(trace), `00-${TRACE_ID}-${trace.spanId}-00`);
});

test("a message without a trace, or with none that W3C knows, begins one", () => {
  const broken = [
    ...[undefined, "", "nonsense", `00-${TRACE_ID}-0000000000000000-01`, `00-${"0".repeat(32)}-b7ad6b7169203331-01`],
    ...[`ff-${TRACE_ID}-b7ad6b7169203331-01`, `00-${TRACE_ID.toUpperCase()}-b7ad6b7169203331-01`],
  ];
  const seen = new Set<string>();
  for (const traceparent of broken) {
    const trace = inTrace(traceparent, currentTrace);
    assert.match(trace?.traceId ?? "", /^[0-9a-f]{32}$/);
    assert.notEqual(trace?.traceId, TRACE_ID);
    assert.equal(trace?.sampled, true);
    seen.add(trace.traceId);
  }
  assert.equal(seen.size, broken.length);
});

test("deliveries at the same time keep their traces apart", async () => {
  const trace = (id: string) =>
    inTrace(`00-${id.repeat(32)}-b7ad6b7169203331-01`, async () => {
      await tick();
      return currentTrace()?.traceId;
    });
  assert.deepEqual(await Promise.all([trace("a"), trace("b")]), ["a".repeat(32), "b".repeat(32)]);
  assert.equal(currentTrace(), undefined);
});
