// The proof: it finds one value that was left, and fails where it could not look.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isFatal } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { maskReplica, proveMasking, type MaskingJob } from "../../../handlers/masking/index.ts";
import { mainServer, servers, type TestServer } from "../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "./support.ts";

async function people(t: TestContext, server: TestServer) {
  const copy = await createCopy(t, server, [
    "CREATE TABLE people (id INT PRIMARY KEY, name TEXT, seen TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP) DEFAULT CHARSET utf8mb4",
    `INSERT INTO people VALUES ${manyRows(200, (n) => `${n}, 'Name ${n}', '2001-02-03 04:05:06'`)}`,
    "CREATE TABLE sessions (id INT PRIMARY KEY, user INT, FOREIGN KEY (user) REFERENCES people (id))",
    "INSERT INTO sessions VALUES (1, 1)",
  ]);
  const rules = { people: { id: "keep", name: "redact", seen: "keep" }, sessions: "truncate" } as const;
  return { copy, job: await copy.job(contractOf(rules)), ledger: `${copy.database}_ledger` };
}

/** Resolves to the error, which must name no value. */
async function fails(job: MaskingJob): Promise<{ code: string; message: string }> {
  const error: unknown = await proveMasking(job).catch((caught: unknown) => caught);
  assert.ok(isFatal(error), String(error));
  assert.doesNotMatch(error.message, /Name \d/);
  return error;
}

for (const server of servers()) {
  test(`one original put back into one row is a leak that names table, column and count, on ${server.name}`, async (t) => {
    const { copy, job } = await people(t, server);
    await maskReplica(job);
    await copy.connection.query("UPDATE people SET name = 'Name 7' WHERE id = 150");
    const error = await fails(job);
    assert.equal(error.code, "MASK_LEAK");
    assert.match(error.message, /^1 rows of `people\.name`/);
  });

  test(`one row that no sample has is a leak where a transform leaves nothing, on ${server.name}`, async (t) => {
    const { copy, job, ledger } = await people(t, server);
    await maskReplica(job);
    await copy.connection.query("UPDATE people SET name = 'Name 7' WHERE id = 7");
    await copy.connection.query(`DELETE FROM ${ledger}.mask_originals`);
    await copy.connection.query(`UPDATE ${ledger}.mask_columns SET originals = 0, sample_below = 1`);
    assert.match((await fails(job)).message, /^1 rows of `people\.name`/);
  });

  test(`an engine that leaves one row alone is caught, on ${server.name}`, async (t) => {
    const { job } = await people(t, server);
    const leak = (sql: string) => `IF(id = 133, name, ${sql})`;
    const tables = job.plan.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) =>
        column.column === "name" ? { ...column, sql: leak(column.sql ?? "") } : column,
      ),
    }));
    const broken = { ...job, plan: { tables } };
    assert.equal(await maskReplica(broken), "finished");
    assert.equal((await fails(broken)).code, "MASK_LEAK");
  });

  test(`truncated tables are empty, and columns that change by themselves do not, on ${server.name}`, async (t) => {
    const { copy, job } = await people(t, server);
    await maskReplica(job);
    const proof = await proveMasking(job);
    assert.partialDeepStrictEqual(proof, { tables: 1, columns: 1, rows: 200, originals: 200, truncated: 1 });
    assert.deepEqual(
      (await copy.rows("SELECT COUNT(*) AS n FROM sessions")).map(({ n }) => Number(n)),
      [0],
    );
    const seen = await copy.rows("SELECT DISTINCT CAST(seen AS CHAR) AS seen FROM people");
    assert.deepEqual(
      seen.map((row) => String(row["seen"])),
      ["2001-02-03 04:05:06"],
    );
  });

  test(`a row that went is told, on ${server.name}`, async (t) => {
    const { copy, job } = await people(t, server);
    await maskReplica(job);
    await copy.connection.query("DELETE FROM people WHERE id = 3");
    assert.equal((await fails(job)).code, "MASK_ROWS_DIFFER");
  });

  test(`a truncated table that has rows again is told, on ${server.name}`, async (t) => {
    const { copy, job } = await people(t, server);
    await maskReplica(job);
    await copy.connection.query("INSERT INTO sessions VALUES (1, 1)");
    assert.match((await fails(job)).message, /`sessions` has 1 rows and should have 0/);
  });

  test(`what could not be checked is a failure, on ${server.name}`, async (t) => {
    const { copy, job, ledger } = await people(t, server);
    assert.equal((await fails(job)).code, "MASK_NOT_CHECKED");
    await maskReplica(job);
    await copy.connection.query(`DELETE FROM ${ledger}.mask_originals LIMIT 1`);
    assert.equal((await fails(job)).code, "MASK_NOT_CHECKED");
  });

  test(`sessions that remember the same values of one column never stop each other, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(40), nick VARCHAR(40))",
      `INSERT INTO people VALUES ${manyRows(1200, (n) => `${n}, 'Name ${n % 97}', 'Nick ${n % 89}'`)}`,
    ]);
    let undone = 0;
    const open = async (): Promise<WriteSession> => {
      const session = await copy.open();
      const run: WriteSession["run"] = (sql, values) => {
        if (sql === "ROLLBACK") undone++;
        return session.run(sql, values);
      };
      return { ...session, run };
    };
    const rules = { people: { id: "keep", name: "hash", nick: "digits" } } as const;
    const options = { open, connections: 4, proofRangeRows: 30, chunkRows: 2_000 };
    const job = await copy.job(contractOf(rules), options);
    assert.equal(await maskReplica(job), "finished");
    assert.equal(undone, 0);
    assert.partialDeepStrictEqual(await proveMasking(job), { rows: 1200, originals: 97, compared: 1200 });
  });

  test(`what another run left in the ledger is not taken for this one's, on ${server.name}`, async (t) => {
    const { copy, job } = await people(t, server);
    await maskReplica(job);
    await copy.connection.query("UPDATE people SET name = CONCAT('Name ', id)");
    const next = { ...job, run: "run-2" };
    assert.equal(await maskReplica(next), "finished");
    assert.notEqual(await proveMasking(next), "out-of-time");
    assert.deepEqual((await copy.rows("SELECT id FROM people WHERE name LIKE 'N%'")).length, 0);
  });
}

test("of more originals than are remembered whole, the last chunk's are among the sample", async (t) => {
  const digits =
    "(SELECT 0 AS i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7)";
  const cross = ["a", "b", "c", "d", "e", "f"].map((name) => `${digits} ${name}`).join(", ");
  const copy = await createCopy(t, mainServer(), [
    "CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), kind VARCHAR(40), seen INT DEFAULT 7)",
    `INSERT INTO many (name, kind) SELECT UUID(), a.i FROM ${cross}`,
    "INSERT INTO many (name, kind) SELECT UUID(), 'rare' FROM many LIMIT 10000",
  ]);
  const job = await copy.job(contractOf({ many: { id: "keep", name: "hash", kind: "hash", seen: "redact" } }), {
    chunkRows: 50_000,
  });
  const leak = job.plan.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) =>
      column.column === "name" ? { ...column, sql: `IF(id > 262144, name, ${column.sql ?? ""})` } : column,
    ),
  }));
  const broken = { ...job, plan: { tables: leak } };
  assert.equal(await maskReplica(broken), "finished");
  const error = await fails(broken);
  assert.equal(error.code, "MASK_LEAK");
  const [row] = await copy.rows(
    `SELECT SUM(originals) AS n, MIN(originals) AS none, MIN(NULLIF(originals, 0)) AS least FROM ${copy.database}_ledger.mask_columns`,
  );
  assert.ok(Number(row?.["n"]) > 15_000 && Number(row?.["n"]) < 25_000, String(row?.["n"]));
  assert.equal(Number(row?.["least"]), 9); // 0 to 7, and `rare`
  assert.equal(Number(row?.["none"]), 0); // every row is seen to hold what `redact` leaves
});
