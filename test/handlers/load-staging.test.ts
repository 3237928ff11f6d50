// What load-staging does side by side, and what it waits for.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Operation, Platform } from "../../contracts/platform.ts";
import type { Progress } from "../../contracts/run.ts";
import type { StageContext } from "../../contracts/stage.ts";
import { systemClock } from "../../deploy/local/clock.ts";
import { ExportDone } from "../../events/index.ts";
import { loadStaging } from "../../handlers/load-staging.ts";
import { silent } from "../platform/world.ts";
import { memoryObjects } from "../support/memory-objects.ts";
import { openStageWorld, RUN_ID } from "../support/stage-world.ts";

const DUMP = `runs/${RUN_ID}/masked.sql.gz`;
const PART = `runs/${RUN_ID}/load-staging/part-1-1.sql`;
const SQL = `-- MySQL dump 10.13  Distrib 8.0.41, for Linux (x86_64)
USE \`shop\`;
CREATE TABLE \`users\` (
  \`id\` int NOT NULL
);
-- Dump completed on 2026-11-22  2:15:00
`;
const EVENT = ExportDone.create({ runId: RUN_ID, origin: "replica", dump: DUMP, generation: "1", bytes: SQL.length });

interface World {
  readonly sql?: string;
  /** How far the backup is, which may depend on the objects that there are. */
  readonly backup: (has: (object: string) => boolean) => Operation["status"];
  /** How far the export of the replica is, which ends with its wipe. */
  readonly exporting?: () => "leased" | "done";
}

/** Loads a dump; the world ends where staging's server would be asked for. */
async function load(t: TestContext, { sql = SQL, backup, exporting = () => "done" }: World) {
  const { held, objects } = memoryObjects({ [DUMP]: gzipSync(sql) });
  const { contract } = await openStageWorld(t);
  const calls = new Set<string>();
  const told: string[] = [];
  let value: unknown;
  const admin: Platform["sql"] = {
    poll: { firstMs: 1, longestMs: 1 },
    find: async () => undefined,
    start: async ({ type }) => (calls.add(`started ${type}`), type),
    async get(name) {
      const status = backup((object) => held.has(object));
      if (status === "DONE") calls.add(`${name} is done`);
      return { name, status };
    },
    cancel: async () => undefined,
  };
  const get = async () => ({ status: "running", stages: { "export-replica": { status: exporting() } } });
  const identify = async () => {
    calls.add("asked for a server");
    throw new Error("The end of this world.");
  };
  const context = {
    ...{ runId: RUN_ID, epoch: 1, signal: new AbortController().signal, log: silent, contract },
    platform: { objects, sql: admin, clock: systemClock, databases: { identify }, runs: { get } },
    checkpoint: {
      get value() {
        return value;
      },
      save: async (next: object) => void (value = next),
    },
    confirm: async () => undefined,
    progress: ({ doing = "" }: Progress) => void told.push(doing),
  } as unknown as StageContext;
  const loading = loadStaging.run(EVENT, context);
  return { loading, calls, told };
}

test("the dump is rewritten while staging is backed up, and staging is opened when both are there", async (t) => {
  // A backup that ends only when the rewritten part is stored.
  const { loading, calls, told } = await load(t, { backup: (has) => (has(PART) ? "DONE" : "RUNNING") });
  await assert.rejects(loading, /The end of this world/);
  const rewritten = told.lastIndexOf("rewriting the dump");
  assert.ok(rewritten > 0 && told[rewritten + 1] === "backing staging up", "what is left of it is told again");
  assert.deepEqual([...calls], ["started backup", "backup is done", "asked for a server"]);
});

test("a dump that cannot be rewritten is told when the backup has ended, and staging is not opened", async (t) => {
  let looks = 0;
  const { loading, calls } = await load(t, {
    sql: SQL.slice(0, -30),
    backup: () => (++looks > 20 ? "DONE" : "RUNNING"),
  });
  await assert.rejects(loading, { code: "DUMP_INCOMPLETE" });
  assert.deepEqual([...calls], ["started backup", "backup is done"]);
});

test("staging is not opened before the replica is wiped", async (t) => {
  let looks = 0;
  const exporting = () => (++looks > 20 ? "done" : "leased");
  const { loading, calls } = await load(t, { backup: () => "DONE", exporting });
  await assert.rejects(loading, /The end of this world/);
  assert.equal(looks, 21);
  assert.deepEqual([...calls], ["started backup", "backup is done", "asked for a server"]);
});
