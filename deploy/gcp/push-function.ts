// One function of the pipeline: takes pushes over HTTP and answers so that Pub/Sub acknowledges or delivers again.
import type { HttpFunction } from "@google-cloud/functions-framework";
import { isRetryAfter, summarizeError } from "../../contracts/errors.ts";
import type { Clock } from "../../contracts/platform.ts";
import type { Logger } from "../../contracts/stage.ts";
import type { IncomingMessage } from "../../events/message.ts";
import { leaveErrorsToProcess } from "./crash.ts";
import { NotAPush, readPush } from "./push.ts";
import type { Deliveries } from "./deliveries.ts";
import { inTrace } from "./trace.ts";

const ACKNOWLEDGED = 204;
const BAD_REQUEST = 400;
const DELIVER_AGAIN = 500;

/** The longest ack deadline, after which Pub/Sub hangs up, less a margin for the answer's way. */
const REQUEST_MS = 595_000;

/** A RetryAfter is waited for in here, where it costs no attempt; for so long at most, as waiting costs money. */
const LONGEST_HOLD_MS = 30_000;

export interface PushFunction {
  /** The event that comes in. */
  readonly topic: string;
  /** Resolves: acknowledged. Throws: delivered again. When `signal` aborts there is little time left to do either. */
  readonly handle: (message: IncomingMessage, signal: AbortSignal) => Promise<unknown>;
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes the HTTP function. It answers 204, 500 to have the message again, or 400 to what is no push.
 *
 * A RetryAfter is held until its time has come, for 30 s and the request's own time at most, and then answered 500.
 */
export function pushFunction({ topic, handle, deliveries, clock, log }: PushFunction): HttpFunction {
  async function receive(message: IncomingMessage, signal: AbortSignal): Promise<number> {
    const hangsUpAt = clock.now().getTime() + REQUEST_MS;
    try {
      await handle(message, signal);
      return ACKNOWLEDGED;
    } catch (error) {
      const fields = { messageId: message.id, attempt: message.attempt, error: summarizeError(error) };
      log.warn(fields, "The message will be delivered again.");
      if (isRetryAfter(error)) {
        const left = Math.max(0, hangsUpAt - clock.now().getTime());
        await clock.sleep(Math.min(error.afterMs, LONGEST_HOLD_MS, left), signal);
      }
      return DELIVER_AGAIN;
    }
  }

  return async (request, response) => {
    leaveErrorsToProcess();
    const status = await deliveries.during(async (delivery) => {
      // Pub/Sub waits no longer, or the connection is gone: what the stage does now, another delivery may do too.
      response.on("close", () => delivery.abort());
      try {
        const message = readPush(request.body, topic);
        return await inTrace(message.attributes["traceparent"], () => receive(message, delivery.signal));
      } catch (error) {
        if (!(error instanceof NotAPush)) throw error;
        log.warn({ topic }, error.message);
        return BAD_REQUEST;
      }
    });
    if (!response.headersSent) response.status(status).end();
  };
}
