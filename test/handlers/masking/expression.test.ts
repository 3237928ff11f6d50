// `expression`: the contract's own SQL, and the order in which columns that read each other are set.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, hashOf, KEY, manyRows } from "./support.ts";

for (const server of servers()) {
  test(`SQL with the value and its keyed hash is what the column becomes, and NULL stays, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE t (id INT PRIMARY KEY, `it's ``odd` VARCHAR(90), n INT, made INT) DEFAULT CHARSET utf8mb4",
      "INSERT INTO t VALUES (1, 'Zoë', 5, 1), (2, '', NULL, 2), (3, NULL, 7, NULL)",
    ]);
    const job = await copy.job(
      contractOf({
        t: {
          ...{
            id: "keep",
            "it's `odd": { expression: "CONCAT(LEFT({key}, 8), '{', CHAR_LENGTH({value}), \"}\") -- so" },
          },
          ...{ n: { expression: "{value} * 10 + 3" }, made: { expression: "COALESCE({value}, 0) + 1" } },
        },
      }),
    );
    assert.equal(await maskReplica(job), "finished");
    const key = (value: string) => createHmac("sha256", KEY).update(`expression:${value}`).digest("hex").slice(0, 8);
    assert.deepEqual(
      (await copy.rows("SELECT * FROM t ORDER BY id")).map((row) => Object.values(row) as unknown[]),
      [
        [1, `${key("Zoë")}{3}`, 53, 2],
        [2, `${key("")}{0}`, null, 3],
        [3, null, 73, null],
      ],
    );
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  test(`a column that another reads is set after it, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(90), b VARCHAR(200), c VARCHAR(200)) DEFAULT CHARSET utf8mb4",
      `INSERT INTO t VALUES ${manyRows(20, (n) => `${n}, 'a${n}', 'b${n}', 'c${n}'`)}`,
    ]);
    const job = await copy.job(
      contractOf({
        t: {
          id: "keep",
          a: "hash",
          b: { expression: "CONCAT('(', `A`, ')')" },
          c: { expression: "CONCAT(b, '-c', 'a', \"b\") /* a */" },
        },
      }),
    );
    const columns = job.plan.tables[0]?.columns.map(({ column, reads }) => [column, reads]);
    assert.deepEqual(columns, [
      ["id", undefined],
      ["a", undefined],
      ["b", ["a"]],
      ["c", ["b"]],
    ]);
    assert.equal(await maskReplica(job), "finished");
    for (const { id, a, b, c } of await copy.rows("SELECT * FROM t")) {
      assert.deepEqual([a, b, c].map(String), [hashOf(`a${String(id)}`), `(a${String(id)})`, `b${String(id)}-cab`]);
    }
  });
}
