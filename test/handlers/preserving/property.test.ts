// Any schema, any rows: what staging preserves and what arrives are isomorphic, and production's rows are as they were.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFatal } from "../../../contracts/errors.ts";
import { servers } from "../../support/servers.ts";
import { assertPreserved, readRows, rightRefusals, scriptOf } from "./property-check.ts";
import { graphs, type Graph } from "./property-graph.ts";
import { openWorld, type World } from "./world.ts";

const RUNS = 60;
/** On each server; what was not tried by then is tried another day, as every run draws its own graphs. */
const LIMIT_MS = 10_000;

for (const server of servers()) {
  test(`what arrives is isomorphic to what staging preserves, whatever the schema, on ${server.name}`, async (t) => {
    const world = await openWorld(t, { staging: server, copy: server }, { staging: "", copy: "" });
    const end = performance.now() + LIMIT_MS;
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
      { numRuns: RUNS },
    );
    t.diagnostic(`${told.carried} graphs carried, ${told.refused} rightly refused`);
    assert.ok(told.carried > 0, "no graph was carried");
  });
}

async function preserved(world: World, graph: Graph): Promise<"carried" | "refused"> {
  const staging = await readRows(world.staging, graph);
  const before = await readRows(world.copy, graph);
  const right = rightRefusals(graph, staging, before);
  try {
    const plan = await world.plan([{ table: "t0", where: "demo = 1" }]);
    await world.carry(plan, { batchRows: graph.batchRows });
    await world.prove(plan);
  } catch (error) {
    if (!isFatal(error) || !right.has(error.code)) throw error;
    assert.deepEqual(await readRows(world.copy, graph), before, "a refusal leaves the copy as it was");
    return "refused";
  }
  assert.deepEqual([...right], [], "what had to be refused was carried");
  assertPreserved(graph, staging, before, await readRows(world.copy, graph));
  assert.deepEqual(await readRows(world.staging, graph), staging, "staging is only read");
  return "carried";
}

async function drop(world: World, tables: Graph["tables"]): Promise<void> {
  await world.copy.query(`DROP DATABASE IF EXISTS ${world.workDatabase}`);
  if (tables.length === 0) return;
  for (const side of [world.staging, world.copy]) {
    await side.query(`DROP TABLE IF EXISTS ${tables.map(({ name }) => name).join(", ")}`);
  }
}
