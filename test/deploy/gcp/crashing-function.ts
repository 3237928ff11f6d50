// A function for shutdown.test.ts: what nobody catches in it is MySQL's own error, which quotes a row.
import { setTimeout as sleep } from "node:timers/promises";
import { http } from "@google-cloud/functions-framework";
import { endOnCrash } from "../../../deploy/gcp/crash.ts";
import { openDeliveries } from "../../../deploy/gcp/deliveries.ts";
import { pushFunction } from "../../../deploy/gcp/push-function.ts";
import { systemClock } from "../../../deploy/local/clock.ts";
import { silent } from "../../platform/world.ts";

endOnCrash();

function duplicateEntry(): Error {
  return Object.assign(new Error("Duplicate entry 'ann@example.com' for key 'users.email'"), {
    ...{ errno: 1062, code: "ER_DUP_ENTRY", sqlState: "23000" },
    sql: "INSERT INTO users VALUES ('ann@example.com')",
  });
}

http(
  "crash",
  pushFunction({
    ...{ topic: "masked", deliveries: openDeliveries(), clock: systemClock, log: silent },
    async handle({ id }) {
      if (id === "rejection") void Promise.reject(duplicateEntry());
      else
        setImmediate(() => {
          throw duplicateEntry();
        });
      await sleep(5_000);
    },
  }),
);
