// A function for shutdown.test.ts: says that it works, and that it has saved when its time is up.
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import { http } from "@google-cloud/functions-framework";
import { endInOrder, openDeliveries } from "../../../deploy/gcp/deliveries.ts";
import { pushFunction } from "../../../deploy/gcp/push-function.ts";
import { systemClock } from "../../../deploy/local/clock.ts";
import { silent } from "../../platform/world.ts";

const deliveries = openDeliveries();
const receive = pushFunction({
  ...{ topic: "masked", deliveries, clock: systemClock, log: silent },
  async handle(_message, signal) {
    process.stdout.write("working\n");
    await once(signal, "abort");
    await sleep(300); // a checkpoint, and the continuation's publishing
    process.stdout.write("saved\n");
  },
});
http("slow", (request, response) => {
  endInOrder(deliveries);
  return receive(request, response);
});
