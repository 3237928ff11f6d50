// Any schema, any rows: what staging preserves and what arrives are isomorphic, and production's rows are as they were.
//
// A failure tells its seed and path. To see it again: UNDERSTUDY_PROPERTY='{"seed":1,"path":"2:3"}' npm test -- THIS_FILE;
// with '{"numRuns":1000}' it tries as many graphs, for as long as that takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseReference } from "../../../contracts/declared-reference.ts";
import { isFatal } from "../../../contracts/errors.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { servers } from "../../support/servers.ts";
import { assertPreserved, readRows, rightRefusals, scriptOf } from "./property-check.ts";
import { reckon } from "./property-fates.ts";
import { lineOf } from "./property-graph.ts";
import { graphs, type Graph } from "./property-rows.ts";
import { openWorld, type World } from "./world.ts";

const RUNS = 60;
/** On each server; what was not tried by then is tried another day, as every run draws its own graphs. */
const LIMIT_MS = 10_000;

const AGAIN = process.env["UNDERSTUDY_PROPERTY"];

for (const server of servers()) {
  test(`what arrives is isomorphic to what staging preserves, whatever the schema, on ${server.name}`, async (t) => {
    const world = await openWorld(t, { staging: server, copy: server }, { staging: "", copy: "" });
    const end = performance.now() + (AGAIN === undefined ? LIMIT_MS : Infinity);
    let made: Graph["tables"] = [];
    const told = { carried: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        if (performance.now() > end) return;
        await drop(world, made);
        made = graph.tables;
        for (const sql of scriptOf(graph, graph.staging)) await world.staging.query(sql);
        for (const sql of scriptOf(graph, graph.production)) await world.copy.query(sql);
        told[await preserved(world, graph)] += 1;
      }),
      { numRuns: RUNS, ...(JSON.parse(AGAIN ?? "{}") as fc.Parameters<[Graph]>) },
    );
    t.diagnostic(`${told.carried} graphs carried, ${told.refused} rightly refused`);
    assert.ok(told.carried > 0 || AGAIN !== undefined, "no graph was carried");
  });
}

async function preserved(world: World, graph: Graph): Promise<"carried" | "refused"> {
  const staging = await readRows(world.staging, graph);
  const before = await readRows(world.copy, graph);
  const reckoning = reckon(graph, staging, before);
  const right = rightRefusals(reckoning);
  try {
    const plan = await world.plan(rulesOf(graph), { references: referencesOf(graph) });
    await world.carry(plan, { batchRows: graph.batchRows });
    await world.prove(plan);
  } catch (error) {
    if (!isFatal(error) || !right.has(error.code)) throw error;
    assert.deepEqual(await readRows(world.copy, graph), before, "a refusal leaves the copy as it was");
    return "refused";
  }
  assert.deepEqual([...right], [], "what had to be refused was carried");
  assertPreserved(reckoning, await readRows(world.copy, graph));
  assert.deepEqual(await readRows(world.staging, graph), staging, "staging is only read");
  return "carried";
}

function rulesOf({ match, parents }: Graph): PreserveRule[] {
  const says = match && { match: ["code"], onMatch: match.onMatch };
  const first = { table: "t0", where: "demo = 1", parents, ...(match?.table === "t0" && says) };
  return match && match.table !== "t0" ? [first, { table: match.table, ...says }] : [first];
}

function referencesOf({ tables }: Graph) {
  return tables.flatMap((table) =>
    table.references
      .filter(({ place }) => place !== undefined)
      .map((reference) => {
        const parsed = parseReference(lineOf(table, reference));
        assert.ok(!("wrong" in parsed), lineOf(table, reference));
        return parsed;
      }),
  );
}

async function drop(world: World, tables: Graph["tables"]): Promise<void> {
  await world.copy.query(`DROP DATABASE IF EXISTS ${world.workDatabase}`);
  if (tables.length === 0) return;
  for (const side of [world.staging, world.copy]) {
    await side.query(`DROP TABLE IF EXISTS ${tables.map(({ name }) => name).join(", ")}`);
  }
}
