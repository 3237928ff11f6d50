// What loading leaves in the bucket: production's rows, rewritten, must not outlive the load, however it went.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { ObjectStore, Platform } from "../../contracts/platform.ts";
import type { StageContext } from "../../contracts/stage.ts";
import { systemClock } from "../../deploy/local/clock.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { LeaseLost } from "../../handlers/claim.ts";
import { loadDump, type LoadNote } from "../../handlers/load-dump.ts";
import { silent } from "../platform/world.ts";
import { memoryObjects } from "../support/memory-objects.ts";
import { recordingPorts } from "../support/recording-ports.ts";
import { openStageWorld, RUN_ID } from "../support/stage-world.ts";

const DUMP = `runs/${RUN_ID}/production.sql.gz`;
const FOLDER = `runs/${RUN_ID}/load-replica`;
const SQL = `-- MySQL dump 10.13  Distrib 8.0.41, for Linux (x86_64)
CREATE DATABASE \`shop\`;
USE \`shop\`;
CREATE TABLE \`users\` (
  \`id\` int NOT NULL
);
INSERT INTO \`users\` VALUES (1);
-- Dump completed on 2026-11-22  2:15:00
`;

interface Loading {
  readonly save?: (note: LoadNote) => Promise<void>;
  readonly confirm?: () => Promise<void>;
}

/** Loads the dump into a replica whose imports are done at once; `started` are those that were. */
async function load(objects: ObjectStore, { save, confirm }: Loading = {}) {
  const started: string[] = [];
  const sql: Platform["sql"] = {
    poll: { firstMs: 1, longestMs: 1 },
    find: async () => undefined,
    start: async ({ key }) => (started.push(key), "import-1"),
    get: async (name) => ({ name, status: "DONE" }),
    cancel: async () => undefined,
  };
  const context = {
    ...{ runId: RUN_ID, epoch: 1, signal: new AbortController().signal, log: silent, progress: () => undefined },
    platform: { objects, sql, clock: systemClock },
    confirm: confirm ?? (async () => undefined),
  } as unknown as StageContext;
  const loading = loadDump(context, {
    ...{ dump: { dump: DUMP, generation: "1", bytes: SQL.length }, role: "replica", from: "shop", to: "shop" },
    ...{ note: undefined, withoutRowsOf: () => false, prepare: async () => undefined },
    save: save ?? (async () => undefined),
  });
  return { loading, started };
}

test("the import's first statement keeps its rows from the server's slow log", async () => {
  const { held, objects } = memoryObjects({ [DUMP]: gzipSync(SQL) });
  let imported = "";
  const reading = {
    ...objects,
    compose: async (name: string, parts: readonly string[]) => {
      const stored = await objects.compose(name, parts);
      imported = (held.get(name) ?? "").toString();
      return stored;
    },
  };
  await (
    await load(reading)
  ).loading;
  assert.match(imported, /^SET SESSION long_query_time = 31536000;\n-- MySQL dump .*INSERT INTO/s);
});

test("a rewritten dump is compressed where it goes over a network, and only there", async () => {
  for (const isNear of [true, false]) {
    const { held, objects } = memoryObjects({ [DUMP]: gzipSync(SQL) });
    const { loading } = await load({ ...objects, isNear }, { save: () => Promise.reject(new Error("stop")) });
    await assert.rejects(loading, /stop/);
    const part = held.get(`${FOLDER}/part-1-1.sql${isNear ? "" : ".gz"}`) ?? Buffer.alloc(0);
    assert.match((isNear ? part : gunzipSync(part)).toString(), /INSERT INTO/);
  }
});

const LAST_LINE = "-- Dump completed";
const broken: [what: string, object: Buffer, code: string][] = [
  ["cut off within its rows", gzipSync(SQL.slice(0, SQL.indexOf("VALUES") + 9)), "DUMP_INCOMPLETE"],
  ["without its last line", gzipSync(SQL.slice(0, SQL.indexOf(LAST_LINE))), "DUMP_INCOMPLETE"],
  ["with more behind its last line", gzipSync(`${SQL}DROP TABLE \`users\`;\n`), "DUMP_INCOMPLETE"],
  ["whose compressed bytes are cut off", gzipSync(SQL).subarray(0, -9), "DUMP_GZIP_CORRUPT"],
  ["of another database server", gzipSync("PGDMP\u0001"), "DUMP_NOT_RECOGNISED"],
  ["that is compressed in another way", Buffer.from("BZh91AY&SY"), "DUMP_NOT_RECOGNISED"],
  ["that is empty", Buffer.alloc(0), "DUMP_NOT_RECOGNISED"],
  ["with another database in it", gzipSync(SQL.replace("INSERT", "USE `crm`;\nINSERT")), "DUMP_FOREIGN_DATABASE"],
];
for (const [what, object, code] of broken) {
  test(`of a dump ${what} nothing is imported, and the message says at which byte it broke`, async () => {
    const { held, objects } = memoryObjects({ [DUMP]: object });
    const { loading, started } = await load(objects);
    await assert.rejects(loading, { code, message: /\bbytes? \d|\d bytes came out/ });
    assert.deepEqual(started, []);
    assert.deepEqual([...held.keys()], [DUMP]);
  });
}

test("what is left of joining parts, by a process that died in it, is removed with the parts; what is no rows stays", async () => {
  const { held, objects } = memoryObjects({ [DUMP]: gzipSync(SQL) });
  held.set(`${FOLDER}/import-1.sql.joining/3f1c-0`, Buffer.from("rows"));
  held.set(`${FOLDER}/part-1-7.sql`, Buffer.from("rows of a claim that was given up"));
  held.set(`${FOLDER}/objects.json`, Buffer.from("{}"));
  const { loading, started } = await load(objects);
  assert.deepEqual((await loading)?.tables, ["users"]);
  assert.deepEqual(started, [`${RUN_ID}/import-replica/1`]);
  assert.deepEqual([...held.keys()], [DUMP, `${FOLDER}/objects.json`]);
});

test("a claim that was lost while it rewrote takes its part with it: the other may have cleared up already", async () => {
  const { held, objects } = memoryObjects({ [DUMP]: gzipSync(SQL) });
  const { loading } = await load(objects, { save: () => Promise.reject(new LeaseLost("load-replica")) });
  await assert.rejects(loading, LeaseLost);
  assert.deepEqual([...held.keys()], [DUMP]);
});

test("a part whose note may have been stored stays: the next claim goes on from it", async () => {
  const { held, objects } = memoryObjects({ [DUMP]: gzipSync(SQL) });
  const { loading } = await load(objects, { save: () => Promise.reject(new Error("no answer")) });
  await assert.rejects(loading, /no answer/);
  assert.deepEqual([...held.keys()], [DUMP, `${FOLDER}/part-1-1.sql`]);
});

test("no import starts when the claim was lost while the parts were joined", async () => {
  const { loading, started } = await load(memoryObjects({ [DUMP]: gzipSync(SQL) }).objects, {
    confirm: () => Promise.reject(new LeaseLost("load-replica")),
  });
  await assert.rejects(loading, LeaseLost);
  assert.deepEqual(started, []);
});

test("abandoning stops an import that was started and never noted, before the replica is wiped", async (t) => {
  const { calls, platform } = recordingPorts([
    ...[`${FOLDER}/part-1-1.sql.gz`, `${FOLDER}/import-2.sql.gz`, `${FOLDER}/import-2.sql.gz.joining/3f1c-0`],
    `runs/${RUN_ID}/load-staging/import-1.sql`,
  ]);
  const world = await openStageWorld(t, { platform });
  await world.openRun();
  const asked: object[] = [];
  const find: Platform["sql"]["find"] = async (request) => {
    asked.push(request);
    return request.role === "replica" ? "unnoted-import" : undefined;
  };
  const sql = { ...world.platform.sql, find };
  await abandonRun({ ...world.platform, sql }, world.contract, RUN_ID, "asked to");
  assert.deepEqual(asked, [
    {
      ...{ type: "import", key: `${RUN_ID}/import-replica/2`, role: "replica", database: "shop" },
      object: `${FOLDER}/import-2.sql.gz`,
    },
    {
      ...{ type: "import", key: `${RUN_ID}/import-staging/1`, role: "staging", database: "shop__next" },
      object: `runs/${RUN_ID}/load-staging/import-1.sql`,
    },
  ]);
  assert.deepEqual(calls.slice(0, 2), ["cancel unnoted-import", "DROP DATABASE IF EXISTS `shop`"]);
});
