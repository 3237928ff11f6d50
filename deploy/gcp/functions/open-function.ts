// One function, put together: its consumer's code, the contract, the platform.
import { randomBytes } from "node:crypto";
import type { HttpFunction } from "@google-cloud/functions-framework";
import { FatalError } from "../../../contracts/errors.ts";
import { consumers } from "../../../handlers/consumers.ts";
import type { StageDeps } from "../../../handlers/stage-deps.ts";
import { endInOrder, openDeliveries } from "../deliveries.ts";
import { openCloudLog } from "../log.ts";
import { openGcpPlatform } from "../platform.ts";
import { pushFunction } from "../push-function.ts";
import { handlers } from "./handlers.ts";
import { readCloudContract, stageSettings } from "./settings.ts";

/**
 * Opens the function that consumes as `target`: a stage's name, `abandon`, `rollback` or `dead-letter`. Underscores stand for dashes,
 * which gcloud does not allow in an entry point.
 *
 * Loads that consumer's code alone; of the platform what it uses, when it uses it.
 *
 * @throws FatalError `FUNCTION_UNKNOWN`, and what the contract and the settings are refused with
 */
export async function openFunction(
  target: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<HttpFunction> {
  const name = target.replaceAll("_", "-");
  const consumer = consumers.find((candidate) => candidate.name === name);
  const load = handlers[name];
  if (!consumer || !load) throw unknownFunction(target);
  const contract = await readCloudContract(environment);
  const handle = await load();
  const log = openCloudLog(contract);
  const platform = openGcpPlatform(contract, { environment });
  const deps: StageDeps = {
    ...{ contract, platform, log, settings: stageSettings(environment) },
    // Told in leases, for the operator who wonders which instance it was.
    owner: `${environment["K_REVISION"] ?? name}/${randomBytes(3).toString("hex")}`,
  };
  const deliveries = openDeliveries();
  const receive = pushFunction({
    ...{ deliveries, log: log.child({ stage: name }), clock: platform.clock, topic: consumer.on.name },
    handle: (message, signal) => handle(message, { ...deps, signal }),
  });
  let endsInOrder = false;
  return (request, response) => {
    if (!endsInOrder) endInOrder(deliveries);
    endsInOrder = true;
    return receive(request, response);
  };
}

function unknownFunction(target: string): FatalError {
  const known = consumers.map((consumer) => `\`${consumer.name}\``).join(", ");
  return new FatalError(
    "FUNCTION_UNKNOWN",
    `There is no function \`${target}\`. Set FUNCTION_TARGET to one of ${known}.`,
  );
}
