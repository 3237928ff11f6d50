// What each function does with a message. Its code is loaded when it is asked for: one process is one function.
import type { Stage } from "../../../contracts/stage.ts";
import type { IncomingMessage } from "../../../events/message.ts";
import { consumers } from "../../../handlers/consumers.ts";
import type { StageDeps } from "../../../handlers/stage-deps.ts";

export type Handler = (message: IncomingMessage, deps: StageDeps) => Promise<unknown>;

/** By the function's name, which is its consumer's. */
export const handlers: Readonly<Record<string, () => Promise<Handler>>> = {
  "export-production": async () =>
    delivering((await import("../../../handlers/export-production.ts")).exportProduction),
  "dump-finalized": async () => delivering((await import("../../../handlers/dump-finalized.ts")).dumpFinalized),
  "load-replica": async () => delivering((await import("../../../handlers/load-replica.ts")).loadReplica),
  mask: async () => delivering((await import("../../../handlers/mask.ts")).mask),
  preserve: async () => delivering((await import("../../../handlers/preserve.ts")).preserve),
  "export-replica": async () => delivering((await import("../../../handlers/export-replica.ts")).exportReplica),
  "load-staging": async () => delivering((await import("../../../handlers/load-staging.ts")).loadStaging),
  abandon: async () => (await import("../../../handlers/abandon-request.ts")).handleAbandonRequest,
  rollback: async () => (await import("../../../handlers/rollback-request.ts")).handleRollbackRequest,
  "dead-letter": async () => {
    const { handleDeadLetter } = await import("../../../handlers/dead-letter.ts");
    return (message, deps) => handleDeadLetter(message, consumers, deps);
  },
};

async function delivering<Data>(stage: Stage<Data>): Promise<Handler> {
  const { deliver } = await import("../../../handlers/stage.ts");
  return (message, deps) => deliver(stage, message, deps);
}
