// A process that works on a pipeline and kills itself, as `kill -9` does, at the point that its argument names.
// Started by killedAt in test/support/killed.ts; the pipeline comes over the environment.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { readScripts } from "../../contracts/contract-files.ts";
import { parseServersContract } from "../../contracts/parse-sync-contract.ts";
import type { Platform, WriteSession } from "../../contracts/platform.ts";
import { openLocalPlatform } from "../../deploy/local/platform.ts";
import { SUBSCRIPTIONS, subscribeStages } from "../../deploy/local/world.ts";
import { BUS_SETTINGS, STAGE_SETTINGS, testLog } from "./pipeline.ts";

/**
 * `claimed mask`, `publishing masked`, `started import`, `started import-staging`, `wrote load-staging/part`,
 * `running 3 UPDATE`, `ran 1 RENAME`, `asked 2 SELECT COUNT(*)`, or nothing.
 */
const [moment = "", ...rest] = process.argv.slice(2);
const contractFile = process.env["UNDERSTUDY_TEST_CONTRACT"]!;
const directory = dirname(contractFile);
const text = readFileSync(contractFile, "utf8");
const scripts = await readScripts([{ name: contractFile, text }], (file) => readFile(file, "utf8"));
const contract = parseServersContract(text, contractFile, scripts);
const log = testLog(directory);
const platform = await openLocalPlatform(contract, {
  ...{ baseDirectory: directory, environment: process.env, log, subscriptions: SUBSCRIPTIONS },
  settings: { bus: BUS_SETTINGS },
});
subscribeStages(platform, {
  ...{ contract, log, settings: STAGE_SETTINGS, owner: `worker ${process.pid}` },
  platform: deadly(platform),
});
platform.start();

function deadly(real: Platform): Platform {
  return {
    ...real,
    bus: deadlyBus(real),
    runs: deadlyRuns(real),
    sql: deadlySql(real),
    objects: deadlyObjects(real),
    databases: deadlyDatabases(real),
  };
}

/** Between "done" and published. */
function deadlyBus({ bus }: Platform): Platform["bus"] {
  return {
    async publish(event) {
      dieIf("publishing", event.name);
      await bus.publish(event);
    },
  };
}

/** Between claim and work. */
function deadlyRuns({ runs }: Platform): Platform["runs"] {
  return {
    ...runs,
    async update(runId, decide) {
      let claimed: string | undefined;
      const result = await runs.update(runId, (run) => {
        const decision = decide(run);
        const isClaim = (decision.result as { kind?: string } | undefined)?.kind === "claimed";
        const [, state] =
          Object.entries(decision.run?.stages ?? {}).find(([id, next]) => next !== run?.stages[id]) ?? [];
        claimed = isClaim ? state?.stage : undefined;
        return decision;
      });
      if (claimed) dieIf("claimed", claimed);
      return result;
    },
  };
}

/** In the middle of an operation, which goes on: or not, with `started import group`. */
function deadlySql({ sql }: Platform): Platform["sql"] {
  return {
    ...sql,
    async start(request) {
      const name = await sql.start(request);
      dieIf("started", request.type);
      dieIf("started", `${request.type}-${request.role}`);
      return name;
    },
  };
}

/** When an object is there, before anybody has noted it. */
function deadlyObjects({ objects }: Platform): Platform["objects"] {
  const dieAt = (name: string) => {
    if (moment === "wrote" && name.includes(rest[0] ?? "")) die();
  };
  return {
    ...objects,
    async write(name, source) {
      const stored = await objects.write(name, source);
      dieAt(name);
      return stored;
    },
    async compose(name, parts) {
      const stored = await objects.compose(name, parts);
      dieAt(name);
      return stored;
    },
  };
}

/** Before or after the nth statement of a kind on a writing session. */
function deadlyDatabases({ databases }: Platform): Platform["databases"] {
  const counts = new Map<string, number>();
  const count = (when: string, sql: string): void => {
    const [nth, ...beginning] = rest;
    if (moment !== when || !sql.startsWith(beginning.join(" "))) return;
    const seen = (counts.get(when) ?? 0) + 1;
    counts.set(when, seen);
    if (seen === Number(nth)) die();
  };
  return {
    ...databases,
    async write(role) {
      const session = await databases.write(role);
      const run: WriteSession["run"] = async (sql, values) => {
        count("running", sql);
        const result = await session.run(sql, values);
        count("ran", sql);
        return result;
      };
      const query: WriteSession["query"] = async (sql, values) => {
        count("asked", sql);
        return session.query(sql, values);
      };
      return { ...session, run, query };
    },
  };
}

function dieIf(when: string, what: string): void {
  if (moment === when && rest[0] === what) die();
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
