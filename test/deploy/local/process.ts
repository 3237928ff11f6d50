// What the tests of this folder kill: a process that works on a local world. `node process.ts FOLDER VERB [JSON]`.
import { openLocalPlatform } from "../../../deploy/local/platform.ts";
import type { OperationRequest } from "../../../contracts/platform.ts";
import type { ServersContract } from "../../../contracts/sync-contract.ts";
import { contractFor, SECRETS, silent } from "../../platform/world.ts";

const [folder = "", verb, json = "{}"] = process.argv.slice(2);
const given = JSON.parse(json) as { contract?: ServersContract; request?: OperationRequest; runId?: string };
const say = (text: string) => void process.stdout.write(`${text}\n`);

const platform = await openLocalPlatform(given.contract ?? contractFor(), {
  baseDirectory: folder,
  environment: { ...process.env, ...SECRETS },
  log: silent,
  subscriptions: [{ name: "kept", topic: "t" }],
});

switch (verb) {
  case "hold": // takes a message and never lets go
    platform.bus.subscribe({
      name: "kept",
      topic: "t",
      handler({ id }) {
        say(id);
        return new Promise(() => undefined);
      },
    });
    platform.start();
    break;
  case "publish": // publishes as fast as it can, and says what the bus has taken
    for (;;) say(await platform.bus.publishMessage({ topic: "t", attributes: {}, data: Buffer.from("x") }));
  case "count": // adds 1 to a run's number, again and again, and says each that it wrote
    for (;;) {
      const next = await platform.runs.update(given.runId ?? "", (run) => {
        if (!run) throw new Error("No such run.");
        const count = Number(run.requestedBy) + 1;
        return { run: { ...run, requestedBy: String(count) }, result: count };
      });
      say(String(next));
    }
  case "look": // looks for an operation that is not there
    if (given.request) say(String(await platform.sql.find(given.request)));
    setInterval(() => undefined, 1_000);
    break;
  case "operate": // starts an operation and waits
    if (given.request) say(await platform.sql.start(given.request));
    setInterval(() => undefined, 1_000);
    break;
  case undefined:
  default:
    throw new Error(`No such verb: ${verb}`);
}
