// The function that abandons runs: by event, since only it, next to the replica, can reach everything that a run leaves.
import { AbandonRequested } from "../events/index.ts";
import type { IncomingMessage } from "../events/message.ts";
import { abandonAsRequested } from "./abandon.ts";
import { ABANDON } from "./consumers.ts";
import { handleRequest } from "./operator-request.ts";
import type { StageDeps } from "./stage-deps.ts";

/** Abandons the run that the message names. The same message twice abandons it once. */
export function handleAbandonRequest(message: IncomingMessage, deps: StageDeps): ReturnType<typeof handleRequest> {
  return handleRequest(message, deps, {
    consumer: ABANDON,
    on: AbandonRequested,
    async answer(data, log) {
      const abandoned = await abandonAsRequested(deps.platform, deps.contract, data);
      log.info({}, abandoned ? "The run is abandoned." : "There is nothing to abandon.");
      return abandoned;
    },
  });
}
