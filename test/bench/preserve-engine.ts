// Runs the preserving engine alone, in a process of its own whose memory can be told. `preserve.ts` sends where its server is.
import { once } from "node:events";
import { z } from "zod";
import { planPreserve, preserveRows, provePreserved } from "../../handlers/preserving/index.ts";
import { readSchema } from "../../handlers/mysql/schema.ts";
import { openReadSession, openWriteSession, type SessionOptions } from "../../handlers/mysql/session.ts";
import { openWatch, processOf, type Cost, type Watch } from "./measure.ts";
import { COPY, RULE, STAGING, WORK } from "./tenants.ts";

const Server = z.object({ host: z.string(), port: z.int(), user: z.string(), password: z.string() });

const [message] = await once(process, "message");
const options = Server.parse(message);
const session = await openWriteSession("replica", options);
const watch = openWatch(await processOf(session));
const parts = await runEngine(watch, options);
watch.close();
await session.close();
process.send?.({ ...parts, megabytes: process.resourceUsage().maxRSS / 1024 }, () => process.disconnect());

async function runEngine(timer: Watch, server: SessionOptions) {
  const staging = await openReadSession("staging", server);
  const plan = planPreserve([RULE], await readSchema(staging, STAGING), await readSchema(staging, COPY));
  const open = () => openWriteSession("replica", server);
  const shared = { plan, database: COPY, workDatabase: WORK, open, signal: new AbortController().signal };
  let deciding: Cost | undefined;
  timer.lap();
  try {
    await preserveRows({
      ...{ ...shared, staging, stagingDatabase: STAGING },
      onProgress: () => void (deciding ??= timer.lap()),
    });
  } finally {
    await staging.close();
  }
  if (!deciding) throw new Error("The engine did not tell when it began to insert.");
  const inserting = timer.lap();
  await provePreserved(shared);
  return { deciding, inserting, proving: timer.lap() };
}
