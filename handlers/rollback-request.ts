// The function that rolls staging back: by event, since an operator's machine may not reach a private staging.
import { RollbackRequested } from "../events/index.ts";
import type { IncomingMessage } from "../events/message.ts";
import { ROLLBACK } from "./consumers.ts";
import { handleRequest } from "./operator-request.ts";
import { rollBack } from "./rollback.ts";
import type { StageDeps } from "./stage-deps.ts";

/** Rolls staging back as the message asks. The same message twice rolls it back once. */
export function handleRollbackRequest(message: IncomingMessage, deps: StageDeps): ReturnType<typeof handleRequest> {
  return handleRequest(message, deps, {
    consumer: ROLLBACK,
    on: RollbackRequested,
    async answer(data, log) {
      const isDone = await rollBack(deps.platform, deps.contract, data);
      log.info({ to: data.to }, isDone ? "Staging is rolled back." : "It was rolled back before.");
      return isDone;
    },
  });
}
