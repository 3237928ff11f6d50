// In which order tables are masked: the largest first, or one session would end the work alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskReplica, type MaskingJob } from "../../../handlers/masking/index.ts";
import { mainServer } from "../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "./support.ts";

test("tables are masked from the largest to the smallest, by the rows that they have", async (t) => {
  const sizes = { a_small: 9, b_largest: 60, c_middle: 25, d_tiny: 2 };
  const copy = await createCopy(
    t,
    mainServer(),
    Object.entries(sizes).flatMap(([name, rows]) => [
      `CREATE TABLE ${name} (id INT PRIMARY KEY, v VARCHAR(64))`,
      `INSERT INTO ${name} VALUES ${manyRows(rows, (n) => `${n}, 'v${n}'`)}`,
    ]),
  );
  const rule = { id: "keep", v: "hash" } as const;
  const job = await copy.job(contractOf(Object.fromEntries(Object.keys(sizes).map((name) => [name, rule]))));
  const order = new Set<string>();
  // Once before anything is done, each table is told with none of its rows.
  const onProgress: MaskingJob["onProgress"] = ({ table, rowsDone }) => void (rowsDone > 0 && order.add(table));
  assert.equal(await maskReplica({ ...job, connections: 1, onProgress }), "finished");
  assert.deepEqual([...order], ["b_largest", "c_middle", "a_small", "d_tiny"]);
});
