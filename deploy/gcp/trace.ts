// One trace a run: every delivery is a span of the trace that its message came with, and what it publishes goes on with
// it. W3C's form of it: https://www.w3.org/TR/trace-context/#traceparent-header
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

export interface Trace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: this delivery's own. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-|$)/;
const SAMPLED = 0b1;

const current = new AsyncLocalStorage<Trace>();

/** The trace of the delivery that is being handled, if one is. */
export function currentTrace(): Trace | undefined {
  return current.getStore();
}

/** Runs `work` as a span of the trace that `traceparent` names, or of a new one where it names none. */
export function inTrace<Result>(traceparent: string | undefined, work: () => Result): Result {
  const [, traceId = randomBytes(16).toString("hex"), flags = "01"] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  const sampled = (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED;
  return current.run({ traceId, spanId: randomBytes(8).toString("hex"), sampled }, work);
}

/** A trace as the attribute that carries it on. */
export function traceparentOf({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
