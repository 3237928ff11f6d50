// What preserving costs: against a plain INSERT … SELECT of the same rows, on one server in one run.
import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { WriteSession } from "../../contracts/platform.ts";
import { openWriteSession, type SessionOptions } from "../../handlers/mysql/session.ts";
import type { TestServer } from "../support/servers.ts";
import { least, openWatch, processOf, type Cost } from "./measure.ts";
import { COPY_FOLD, insertPlainly, makeCopy, makeStaging, TABLES } from "./tenants.ts";

export interface PreserveFigures {
  readonly server: string;
  readonly version: string;
  readonly cores: number;
  /** Preserved ones. */
  readonly rows: number;
  readonly copyRows: number;
  readonly tables: number;
  /** One INSERT … SELECT a table, over one connection with a session's defaults: the server looks references up. */
  readonly plain: Cost;
  /** The same with `foreign_key_checks` off: nobody does. */
  readonly unchecked: Cost;
  /** Until the first row was inserted: staging read, new ids, checks, and what the proof remembers. */
  readonly deciding: Cost;
  readonly inserting: Cost;
  /** Afterwards. */
  readonly proving: Cost;
  readonly timesThePlain: number;
  readonly timesTheUnchecked: number;
  /** The most that the process had in memory that runs the engine and nothing else, Node itself included. */
  readonly clientMegabytes: number;
}

const Measured = z.object({
  seconds: z.number(),
  cpuSeconds: z.number().exactOptional(),
  clientMegabytes: z.number(),
});
const Told = z.object({ deciding: Measured, inserting: Measured, proving: Measured, megabytes: z.number() });

/**
 * Measures one server; its databases are made anew.
 *
 * @param rounds of which the best counts: another process on the machine makes a round slower, none makes it faster
 */
export async function benchPreserve(
  { name, version, host, port, user, password }: TestServer,
  rows: number,
  say: (sentence: string) => void,
  rounds = 3,
): Promise<PreserveFigures> {
  const options = { host, port, user, password };
  const session = await openWriteSession("replica", options);
  try {
    say(`${name}: making ${rows.toLocaleString("en")} rows to preserve and ${COPY_FOLD} times as many in a copy.`);
    await makeStaging(session, rows);
    const plain: Cost[] = [];
    const unchecked: Cost[] = [];
    const engine: z.infer<typeof Told>[] = [];
    for (let round = 1; round <= rounds; round++) {
      await makeCopy(session, rows);
      say(`${name}: a plain INSERT … SELECT, ${round} of ${rounds}.`);
      plain.push(await measurePlain(session, "checked"));
      await makeCopy(session, rows);
      unchecked.push(await measurePlain(session, "unchecked"));
      await makeCopy(session, rows);
      say(`${name}: the engine, ${round} of ${rounds}.`);
      engine.push(await runEngine(options));
    }
    const seconds = (cost: Cost) => cost.seconds;
    const [bestPlain, bestUnchecked] = [least(plain, seconds), least(unchecked, seconds)];
    const best = least(engine, secondsOf);
    return {
      ...{ server: name, version, cores: availableParallelism(), rows, copyRows: rows * COPY_FOLD, tables: TABLES },
      ...{
        plain: bestPlain,
        unchecked: bestUnchecked,
        deciding: best.deciding,
        inserting: best.inserting,
        proving: best.proving,
      },
      timesThePlain: secondsOf(best) / bestPlain.seconds,
      timesTheUnchecked: secondsOf(best) / bestUnchecked.seconds,
      clientMegabytes: Math.max(...engine.map(({ megabytes }) => megabytes)),
    };
  } finally {
    await session.close();
  }
}

async function measurePlain(session: WriteSession, checks: "checked" | "unchecked"): Promise<Cost> {
  const watch = openWatch(await processOf(session));
  watch.lap();
  try {
    await insertPlainly(session, checks);
    return watch.lap();
  } finally {
    watch.close();
  }
}

async function runEngine(options: SessionOptions): Promise<z.infer<typeof Told>> {
  // The flag that `npm run local` has; see package.json.
  const execArgv = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=2"];
  const child = fork(join(import.meta.dirname, "preserve-engine.ts"), { execArgv });
  child.send(options);
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The engine's process ended with code ${String(code)}.`);
  });
  const [told] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => undefined); // it has told all
  return Told.parse(told);
}

function secondsOf({ deciding, inserting, proving }: z.infer<typeof Told>): number {
  return deciding.seconds + inserting.seconds + proving.seconds;
}
