// What stops masking before a row changes.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { RowDataPacket } from "mysql2/promise";
import { isFatal } from "../../../contracts/errors.ts";
import { maskReplica, type MaskingJob } from "../../../handlers/masking/index.ts";
import { mainServer, servers, startTestServer, type TestServer } from "../../support/servers.ts";
import { contractOf, createCopy, hashOf, manyRows } from "./support.ts";

const CONTRACT = contractOf({ people: { id: "keep", name: "hash" } });

async function people(t: TestContext, server: TestServer, ...more: string[]) {
  return createCopy(t, server, [
    "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(90)) DEFAULT CHARSET utf8mb4",
    "INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob')",
    ...more,
  ]);
}

async function failure(job: MaskingJob): Promise<string> {
  const error: unknown = await maskReplica(job).catch((caught: unknown) => caught);
  assert.ok(isFatal(error), String(error));
  assert.doesNotMatch(error.message, /Ann|Bob/);
  return error.code;
}

for (const server of servers()) {
  test(`a trigger that would fire stops masking, on ${server.name}`, async (t) => {
    const copy = await people(
      t,
      server,
      "CREATE TABLE audit (line TEXT)",
      "CREATE TRIGGER copy_names BEFORE UPDATE ON people FOR EACH ROW INSERT INTO audit VALUES (OLD.name)",
    );
    const job = await copy.job(contractOf({ people: { id: "keep", name: "hash" }, audit: "keep" }));
    assert.equal(await failure(job), "MASK_TRIGGERS");
    assert.equal((await copy.rows("SELECT 1 FROM audit")).length, 0);
  });

  test(`a column or table that the plan does not know stops masking, on ${server.name}`, async (t) => {
    const copy = await people(t, server);
    const job = await copy.job(CONTRACT);
    await copy.connection.query("CREATE TABLE later (phone TEXT)");
    assert.equal(await failure(job), "MASK_PLAN_INCOMPLETE");
    await copy.connection.query("DROP TABLE later");
    await copy.connection.query("ALTER TABLE people ADD phone TEXT");
    assert.equal(await failure(job), "MASK_PLAN_INCOMPLETE");
  });

  test(`a contract or key that changes midway stops masking, and before the first row does not, on ${server.name}`, async (t) => {
    const copy = await people(t, server);
    const job = await copy.job(CONTRACT);
    const other = { ...job, key: Buffer.alloc(32, 7) };
    assert.equal(await maskReplica({ ...other, signal: AbortSignal.abort() }), "out-of-time");
    assert.equal(await maskReplica(job), "finished");
    assert.equal(await failure(other), "MASK_CHANGED_MIDWAY");
    const redacting = await copy.job(contractOf({ people: { id: "keep", name: "redact" } }));
    assert.equal(await failure(redacting), "MASK_CHANGED_MIDWAY");
    const names = await copy.rows("SELECT name FROM people ORDER BY id");
    assert.deepEqual(
      names.map(({ name }) => String(name)),
      [hashOf("Ann"), hashOf("Bob")],
    );
  });

  test(`a collision that the plan could not foresee names table and key, and no value, on ${server.name}`, async (t) => {
    const copy = await people(
      t,
      server,
      // More letters than there are digits for a hash to begin with.
      `INSERT INTO people VALUES ${manyRows(20, (n) => `${n + 2}, CHAR(66 + ${n})`)}`,
    );
    const job = await copy.job(contractOf({ people: { id: "keep", name: "hash" } }));
    await copy.connection.query("ALTER TABLE people ADD UNIQUE KEY by_first (name(1))");
    const error: unknown = await maskReplica(job).catch((caught: unknown) => caught);
    assert.ok(isFatal(error), String(error));
    assert.equal(error.code, "MASK_NOT_UNIQUE");
    assert.match(error.message, /`people`.*`by_first`/);
    assert.doesNotMatch(error.message, /Ann|Bob|\*/);
    assert.equal(error.cause, undefined);
  });
}

for (const server of servers()) {
  test(`an expression that the server does not take stops masking before a row changes, on ${server.name}`, async (t) => {
    const copy = await people(t, server);
    for (const sql of ["UPPER(nmae)", "SUM(id)", "UPPER({value}", "(SELECT name FROM other)", "NO_SUCH({key})"]) {
      const contract = contractOf({
        people: { id: "keep", name: { expression: `${sql}${sql.endsWith("value}") ? ", 1, 2, 3)" : ""}` } },
      });
      assert.equal(await failure(await copy.job(contract)), "MASK_EXPRESSION", sql);
    }
    assert.deepEqual(
      (await copy.rows("SELECT name FROM people ORDER BY id")).map(({ name }) => String(name)),
      ["Ann", "Bob"],
    );
  });

  test(`more rows than a unique column has room for stop masking before a row changes, on ${server.name}`, async (t) => {
    const copy = await people(t, server, "ALTER TABLE people ADD UNIQUE KEY (name)");
    const job = await copy.job(CONTRACT);
    const tables = job.plan.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => (column.room ? { ...column, room: { ...column.room, rows: 1 } } : column)),
    }));
    await assert.rejects(maskReplica({ ...job, plan: { tables } }), {
      code: "MASK_NOT_UNIQUE",
      message:
        /^`hash` on `people\.name`: .* two of more than 1 rows .* the unique key `name`; the table has 2\. Make the column longer\. Use `hash`,/,
    });
    assert.equal(await maskReplica(job), "finished");
  });
}

test("a unique key over an expression is known before a row changes", async (t) => {
  const modern = servers().find(({ flavour, version }) => flavour === "mysql" && !version.startsWith("5."));
  if (!modern) return t.diagnostic("NOT TESTED: there is no MySQL 8 or newer on this machine");
  const copy = await people(t, modern, "ALTER TABLE people ADD UNIQUE KEY folded (id, (LOWER(name)))");
  await copy.connection.query("ALTER TABLE people ADD UNIQUE KEY lower_name ((LOWER(name)))");
  assert.deepEqual((await copy.schema()).tables.get("people")?.functionalKeys, [
    { name: "folded", unique: true, parts: [{ column: "id", prefix: null }], expressions: ["lower(`name`)"] },
    { name: "lower_name", unique: true, parts: [], expressions: ["lower(`name`)"] },
  ]);
  await assert.rejects(copy.job(contractOf({ people: { id: "keep", name: "redact" } })), {
    code: "MASK_NOT_UNIQUE",
    message: /`redact` on `people\.name`.*unique key `lower_name`, which is computed from it.*Use `hash`/,
  });
  assert.equal(await maskReplica(await copy.job(CONTRACT)), "finished");
  return undefined;
});

test("a MariaDB table with system versioning, whose history would keep originals, stops masking", async (t) => {
  if (mainServer().flavour !== "mariadb") return t.diagnostic("only MariaDB has system versioning");
  const copy = await people(
    t,
    mainServer(),
    "CREATE TABLE past (id INT PRIMARY KEY, name TEXT) WITH SYSTEM VERSIONING",
  );
  const contract = contractOf({ people: { id: "keep", name: "hash" }, past: "keep" });
  assert.equal(await failure(await copy.job(contract)), "MASK_PLAN_INCOMPLETE");
  return undefined;
});

test("a server whose logs would hold the key is refused", async (t) => {
  const own = await startTestServer(t, { flags: ["--log-bin=log", "--server-id=1", "--binlog-format=STATEMENT"] });
  const copy = await people(t, own.test);
  const job = await copy.job(CONTRACT);
  assert.equal(await failure(job), "MASK_KEY_LOGGED");
  await copy.connection.query("SET GLOBAL binlog_format = MIXED, GLOBAL general_log = ON");
  assert.equal(await failure(job), "MASK_KEY_LOGGED");
  await copy.connection.query("SET GLOBAL general_log = OFF");
  assert.equal(await maskReplica(job), "finished");
  // Row events, some with the statement as a remark; a `User var` event would hold the key's pads.
  const [events] = await copy.connection.query<RowDataPacket[]>("SHOW BINLOG EVENTS LIMIT 1000");
  const types = new Set(events.map((event) => String(event["Event_type"])));
  assert.ok(
    [...types].some((type) => type.startsWith("Update_rows")),
    [...types].join(),
  );
  assert.ok(!types.has("User var"), [...types].join());
});
