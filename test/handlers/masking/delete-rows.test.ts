// Rows that stay behind, on real servers: the contract's condition, and what hangs on them by foreign keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { countDeleted, maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { closeAfter, contractOf, createCopy, type Copy, manyRows } from "./support.ts";

const SCHEMA = [
  "CREATE TABLE companies (id INT PRIMARY KEY, plan VARCHAR(20)) ENGINE=InnoDB",
  `CREATE TABLE users (id INT PRIMARY KEY, company_id INT NOT NULL, manager_id INT, name VARCHAR(40),
     changed_at TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP,
     FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE,
     FOREIGN KEY (manager_id) REFERENCES users (id) ON DELETE SET NULL) ENGINE=InnoDB`,
  `CREATE TABLE notes (id INT PRIMARY KEY, user_id INT, parent_id INT, body VARCHAR(40),
     FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
     FOREIGN KEY (parent_id) REFERENCES notes (id) ON DELETE CASCADE) ENGINE=InnoDB`,
  `CREATE TABLE invoices (id INT PRIMARY KEY, company_id INT NOT NULL, total INT,
     FOREIGN KEY (company_id) REFERENCES companies (id)) ENGINE=InnoDB`,
];
const ROWS = [
  "INSERT INTO companies VALUES (1, 'paid'), (2, 'trial'), (3, 'paid')",
  `INSERT INTO users VALUES (10, 1, NULL, 'Ann', '2020-01-02'), (20, 2, NULL, 'Cat', '2020-01-02'), (11, 1, 20, 'Bob', '2020-01-02'),
     (21, 2, 20, 'Dan', '2020-01-02'), (30, 3, 10, 'Eve', '2020-01-02')`,
  // 101 is Ann's answer to Cat's note, 102 an answer to that: a chain goes with its first.
  `INSERT INTO notes VALUES (100, 20, NULL, 'a'), (101, 10, 100, 'b'), (102, 30, 101, 'c'), (103, 10, NULL, 'd'),
     (104, NULL, NULL, 'e')`,
  "INSERT INTO invoices VALUES (1, 1, 100), (2, 2, 0), (3, 3, 50)",
];

function contract(conditions: Readonly<Record<string, string>>): MaskingContract {
  const base = contractOf({
    companies: { id: "keep", plan: "keep" },
    users: { id: "keep", company_id: "keep", manager_id: "keep", name: "redact", changed_at: "keep" },
    notes: { id: "keep", user_id: "keep", parent_id: "keep", body: "keep" },
    invoices: { id: "keep", company_id: "keep", total: "keep" },
  });
  const ruled = Object.entries(base.tables).map(([name, rule]) => {
    const deleteRows = conditions[name];
    return [name, rule.kind === "columns" && deleteRows !== undefined ? { ...rule, deleteRows } : rule] as const;
  });
  return { ...base, tables: Object.fromEntries(ruled) };
}

const TRIALS = {
  companies: "plan = 'trial' -- nobody pays for them",
  // A condition may look into another table: its rows are still there when it does.
  invoices: "company_id IN (SELECT id FROM companies WHERE plan = 'trial')",
};

async function ids(copy: Copy, table: string): Promise<number[]> {
  return (await copy.rows(`SELECT id FROM ${table} ORDER BY id`)).map((row) => Number(row["id"]));
}

for (const server of servers()) {
  test(`what hangs on rows that stay behind goes with them or lets go of them, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [...SCHEMA, ...ROWS]);
    const job = await copy.job(contract(TRIALS));
    assert.equal(await maskReplica(job), "finished");
    assert.equal(typeof (await proveMasking(job)), "object");
    assert.deepEqual(await ids(copy, "companies"), [1, 3]);
    assert.deepEqual(await ids(copy, "users"), [10, 11, 30]);
    assert.deepEqual(await ids(copy, "notes"), [103, 104]);
    assert.deepEqual(await ids(copy, "invoices"), [1, 3]);
    const users = await copy.rows(
      "SELECT manager_id AS manager, name, CAST(changed_at AS CHAR) AS at FROM users ORDER BY id",
    );
    assert.deepEqual(
      users.map(({ manager, name, at }) => [manager, name, at]),
      [
        [null, "***", "2020-01-02 00:00:00"],
        [null, "***", "2020-01-02 00:00:00"], // let go of, and otherwise as it was
        [10, "***", "2020-01-02 00:00:00"],
      ],
    );
    const session = await copy.open();
    closeAfter(t, session);
    assert.equal(await countDeleted(session, copy.database, `${copy.database}_ledger`), 1 + 2 + 3 + 1);
  });

  test(`each row is asked about once, however often the work is interrupted, on ${server.name}`, async (t) => {
    const statements = [
      "CREATE TABLE events (id INT PRIMARY KEY, hits INT, name VARCHAR(20)) ENGINE=InnoDB",
      `INSERT INTO events VALUES ${manyRows(400, (i) => `${i}, 0, 'n'`)}`,
    ];
    const copy = await createCopy(t, server, statements);
    const base = contractOf({ events: { id: "keep", hits: "keep", name: "redact" } });
    const rule = base.tables["events"];
    assert.ok(rule?.kind === "columns");
    const events = { ...rule, deleteRows: "RAND() < 0.5" };
    const aborted = AbortSignal.abort();
    const job = await copy.job({ ...base, tables: { events } }, { signal: aborted, deleteRangeRows: 50 });
    const counts: number[] = [];
    while ((await maskReplica(job)) !== "finished") {
      counts.push((await ids(copy, "events")).length);
      assert.ok(counts.length < 1_000);
    }
    const left = (await ids(copy, "events")).length;
    // Were each row asked again in each of the many calls, none would be left.
    assert.ok(left > 120 && left < 280, `${left} rows are left`);
    assert.ok(new Set(counts).size > 5, "it took several calls");
    assert.equal(typeof (await proveMasking({ ...job, signal: new AbortController().signal })), "object");
  });

  test(`a condition that the server refuses is told by table and number, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [...SCHEMA, ...ROWS]);
    for (const condition of ["plam = 'trial'", "plan = = 'x'", "id IN (SELECT id FROM nowhere)"]) {
      const job = await copy.job(contract({ ...TRIALS, companies: condition }), { run: condition });
      await assert.rejects(maskReplica(job), (error: Error & { code?: string }) => {
        assert.equal(error.code, "MASK_ROWS_CONDITION");
        assert.match(error.message, /`rows\.delete` of `companies` \(error \d+, ER_\w+\)/);
        assert.ok(!error.message.includes("trial"));
        return true;
      });
    }
    assert.deepEqual(await ids(copy, "companies"), [1, 2, 3]);
  });

  test(`rows that a child's own condition leaves alone stop the run, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [...SCHEMA, ...ROWS]);
    const job = await copy.job(contract({ ...TRIALS, invoices: "total = 100" }));
    await assert.rejects(maskReplica(job), {
      code: "MASK_ROWS_ORPHANS",
      message: /Rows of `invoices` refer by `company_id` to rows of `companies` that are not there/,
    });
  });

  test(`another condition after rows were left behind is refused, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [...SCHEMA, ...ROWS]);
    await maskReplica(await copy.job(contract(TRIALS), { signal: AbortSignal.abort() }));
    await assert.rejects(maskReplica(await copy.job(contract({}))), { code: "MASK_CHANGED_MIDWAY" });
  });
}
