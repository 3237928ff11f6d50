// A copy that was loaded without most of its keys: masking builds each once, those that are needed before it at first, and all
// are there in the end as they were on production; after a kill at any statement, too.
import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { test, type TestContext } from "node:test";
import { isFatal, isRetryAfter } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import { keyTable } from "../../../handlers/mysql/waiting-keys.ts";
import { connect, createDatabase, servers, type TestServer } from "../../support/servers.ts";
import { loadWithClient } from "../dump/loading.ts";
import { dumpWithoutUse, rewrite } from "../dump/rewriting.ts";
import { contractOf, createCopy, emailOf, hashOf, ledgerOf, manyRows, type Copy } from "./support.ts";

const ROWS = 60;
/** Of `tags` there are less. */
const LARGE_BYTES = 1_000;

/** In a dump's order: children before their parents and behind them. */
const TABLES: Readonly<Record<string, readonly [definition: string, rows: (n: number) => string]>> = {
  // Kept as a whole.
  logins: [
    `id INT PRIMARY KEY, person INT, day DATE, KEY person (person), KEY day (day, person),
     CONSTRAINT by_person FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE`,
    (n) => `${n}, ${(n % ROWS) + 1}, '2026-01-01'`,
  ],
  people: [
    `id INT PRIMARY KEY, email VARCHAR(120) NOT NULL, name VARCHAR(80), boss INT, n INT, UNIQUE KEY email (email),
     KEY \`na\`\`me, (\` (name(10), n) COMMENT 'it''s', KEY boss (boss), KEY n (n), FULLTEXT KEY words (name),
     CONSTRAINT \`bo\`\`ss\` FOREIGN KEY (boss) REFERENCES people (id) ON DELETE SET NULL`,
    (n) => `${n}, 'a${n}@example.org', 'name ${n}', ${(n % 7) + 1}, ${n}`,
  ],
  // Its children refer to a key that is none of the primary one's.
  products: [
    "id INT PRIMARY KEY, sku VARCHAR(64), title VARCHAR(80), UNIQUE KEY sku (sku), KEY title (title)",
    (n) => `${n}, 'sku${n}', 'a title ${n}'`,
  ],
  stock: [
    `id INT PRIMARY KEY, sku VARCHAR(64), n INT, KEY sku (sku, n), KEY n (n),
     CONSTRAINT of_product FOREIGN KEY (sku) REFERENCES products (sku) ON UPDATE CASCADE`,
    (n) => `${n}, 'SKU${n}', ${n}`,
  ],
  swapped: [
    "id INT PRIMARY KEY, code INT NOT NULL, note VARCHAR(60), UNIQUE KEY code (code), KEY note (note)",
    (n) => `${n}, ${n * 3}, 'a note ${n}'`,
  ],
  tags: [
    "id INT PRIMARY KEY, sku VARCHAR(64), KEY sku (sku), CONSTRAINT of_sku FOREIGN KEY (sku) REFERENCES products (sku)",
    (n) => `${n}, ${n > 3 ? "NULL" : `'sku${n}'`}`,
  ],
  walked: [
    "k VARCHAR(64) PRIMARY KEY, n INT NOT NULL, v INT, UNIQUE KEY n (n), KEY v (v)",
    (n) => `'a longer key ${n}', ${n}, ${n % 5}`,
  ],
};

const RULES: Readonly<Record<string, Parameters<typeof contractOf>[0][string]>> = {
  logins: "keep",
  people: { id: "keep", email: "email", name: "hash", boss: "keep", n: "keep" },
  products: { id: "keep", sku: "hash", title: "keep" },
  stock: { id: "keep", n: "keep" },
  swapped: { id: "keep", code: "permute", note: "redact" },
  tags: { id: "keep" },
  walked: { k: "hash", n: "keep", v: "keep" },
};
const ALL = Object.keys(TABLES);
/** Enough for what breaks off: a table that is kept, one that is not, a parent by another key and its child. */
const SOME = ["logins", "people", "products", "stock"];

function contractFor(names: readonly string[]): MaskingContract {
  return contractOf(Object.fromEntries(names.map((name) => [name, RULES[name] ?? assert.fail(name)])));
}

interface BareCopy {
  readonly copy: Copy;
  /** Each table's lines, as production has them. */
  readonly whole: Readonly<Record<string, readonly string[]>>;
}

/** Loaded by the rewriter, as the replica is. */
async function bareCopy(t: TestContext, server: TestServer, names: readonly string[]): Promise<BareCopy> {
  const source = await connect(t, server, await createDatabase(t, server, "whole"));
  await source.query("SET foreign_key_checks = 0");
  const whole: Record<string, string[]> = {};
  const statements: string[] = [];
  for (const name of names) {
    const [definition, row] = TABLES[name] ?? assert.fail(name);
    await source.query(`CREATE TABLE ${name} (${definition}) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4`);
    const [[shown]] = (await source.query(`SHOW CREATE TABLE ${name}`)) as unknown as [Record<string, string>[]];
    const text = shown?.["Create Table"] ?? assert.fail(name);
    whole[name] = linesOf(text);
    const rows = manyRows(name === "tags" ? 3 : ROWS, row);
    statements.push(`${text};`, `INSERT INTO \`${name}\` VALUES ${rows};`);
  }
  const copy = await createCopy(t, server, []);
  await copy.connection.query(`CREATE DATABASE ${ledgerOf(copy.database)}`);
  const dump = dumpWithoutUse("SET FOREIGN_KEY_CHECKS=0;", `USE \`shop\`;`, ...statements);
  const options = { to: copy.database, keysBeside: ledgerOf(copy.database), laterKeysFromBytes: LARGE_BYTES };
  await loadWithClient(server, (await rewrite(dump, options)).bytes);
  return { copy, whole };
}

/** In an order that does not depend on when a key was added; after an ALTER TABLE MySQL 9 spells out character sets. */
function linesOf(definition: string): string[] {
  const lines = definition.replaceAll(/ CHARACTER SET utf8mb4(?= COLLATE)/g, "").split("\n");
  return lines.map((line) => line.replace(/,$/, "")).toSorted();
}

async function definitions({ copy, whole }: BareCopy): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const name of Object.keys(whole)) {
    const [row] = await copy.rows(`SHOW CREATE TABLE ${name}`);
    found[name] = linesOf(String(row?.["Create Table"]));
  }
  return found;
}

async function assertMasked({ rows }: Copy): Promise<void> {
  for (const { id, email, name } of await rows("SELECT id, email, name FROM people")) {
    assert.equal(email, emailOf(`a${id}@example.org`));
    assert.equal(name, hashOf(`name ${id}`));
  }
  const joined = await rows("SELECT p.sku FROM stock s JOIN products p ON p.sku = s.sku AND p.id = s.id ORDER BY p.id");
  assert.deepEqual(
    joined.map(({ sku }) => String(sku)),
    Array.from({ length: ROWS }, (_, i) => hashOf(`sku${i + 1}`)),
  );
}

/** A job whose sessions write down what they run. */
async function watchedJob({ copy }: BareCopy, contract: MaskingContract) {
  const ran: string[] = [];
  const open = async (): Promise<WriteSession> => {
    const session = await copy.open();
    const run: WriteSession["run"] = (sql, values) => {
      ran.push(sql.replaceAll(`\`${copy.database}\`.`, ""));
      return session.run(sql, values);
    };
    return { ...session, run };
  };
  return { job: await copy.job(contract, { open, chunkRows: 25 }), ran };
}

function first(ran: readonly string[], beginning: string): number {
  const at = ran.findIndex((sql) => sql.startsWith(beginning));
  assert.notEqual(at, -1, beginning);
  return at;
}

for (const server of servers()) {
  test(`keys that the copy lacks are built once, and all are as they were, on ${server.name}`, async (t) => {
    const bare = await bareCopy(t, server, ALL);
    const before = Object.values(await definitions(bare)).flat();
    assert.equal(before.filter((line) => /^ +(?:(?:UNIQUE )?KEY|CONSTRAINT)/.test(line)).length, 1); // of `tags`
    const { job, ran } = await watchedJob(bare, contractFor(ALL));
    assert.equal(await maskReplica(job), "finished");
    assert.deepEqual(await definitions(bare), bare.whole);
    await assertMasked(bare.copy);
    const altered = ran.filter((sql) => sql.startsWith("ALTER TABLE")).join("\n");
    assert.equal(altered.match(/DROP KEY `email`|DROP KEY `na``me, \(`/g), null);
    for (const key of ["UNIQUE KEY `email`", "KEY `day`", "CONSTRAINT `bo``ss`", "CONSTRAINT `of_sku`"])
      assert.equal(altered.split(`ADD ${key}`).length, 2, key);
    // Children look their parents up, chunks walk a key, and rows that are written anew must find duplicates.
    const masking = first(ran, "UPDATE `stock` c JOIN `products` p");
    for (const table of ["products", "walked", "swapped"])
      assert.ok(first(ran, `ALTER TABLE \`${table}\` ADD`) < masking, table);
    assert.ok(first(ran, "ALTER TABLE `people` ADD") > first(ran, "UPDATE `people`"));
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  test(`a condition on rows finds all keys in their places, on ${server.name}`, async (t) => {
    const bare = await bareCopy(t, server, ["logins", "people"]);
    const contract = contractFor(["logins", "people"]);
    const people = contract.tables["people"];
    assert.equal(people?.kind, "columns");
    const tables = { ...contract.tables, people: { ...people, deleteRows: "n > 50" } };
    const { job, ran } = await watchedJob(bare, { ...contract, tables });
    assert.equal(await maskReplica(job), "finished");
    const deleting = first(ran, "DELETE FROM `people`");
    for (const table of ["logins", "people"]) assert.ok(first(ran, `ALTER TABLE \`${table}\` ADD`) < deleting, table);
    assert.deepEqual(await definitions(bare), bare.whole);
    assert.deepEqual(await bare.copy.rows("SELECT COUNT(*) AS n FROM logins"), [{ n: 50 }]);
  });

  test(`connections lost at any statement leave all keys as they were, on ${server.name}`, async (t) => {
    const bare = await bareCopy(t, server, SOME);
    let [statements, lives] = [0, 1];
    const open = async (): Promise<WriteSession> => {
      const { host, port, user, password } = server;
      const stream = createConnection({ host, port });
      const session = await openWriteSession("replica", { user, password, stream });
      const run: WriteSession["run"] = async (sql, values) => {
        const isLast = ++statements === lives;
        if (isLast && lives % 2 === 0) stream.destroy(); // before it is sent
        const result = session.run(sql, values);
        if (isLast) setImmediate(() => stream.destroy()); // while the server is at it
        return result;
      };
      return { ...session, run };
    };
    let kills = 0;
    for (; ; kills++, lives += 5) {
      statements = 0;
      const job = await bare.copy.job(contractFor(SOME), { open, chunkRows: 25 });
      const outcome = await maskReplica(job).catch((error: unknown) => error);
      if (outcome === "finished") break;
      assert.ok(isRetryAfter(outcome), String(outcome));
    }
    assert.ok(kills > 10, `${kills} kills`);
    assert.deepEqual(await definitions(bare), bare.whole);
    await assertMasked(bare.copy);
  });

  test(`a budget of a step a call and two engines at once leave all keys as they were, on ${server.name}`, async (t) => {
    const bare = await bareCopy(t, server, SOME);
    const hasty = async () =>
      bare.copy.job(contractFor(SOME), { signal: AbortSignal.abort(), chunkRows: ROWS, proofRangeRows: ROWS });
    const both = async () => Promise.all([maskReplica(await hasty()), maskReplica(await hasty())]);
    while ((await both()).includes("out-of-time"));
    assert.deepEqual(await definitions(bare), bare.whole);
    await assertMasked(bare.copy);
    assert.notEqual(await proveMasking(await bare.copy.job(contractFor(SOME))), "out-of-time");
  });

  test(`keys that are not what they should be stop the run, on ${server.name}`, async (t) => {
    const { copy } = await bareCopy(t, server, ["logins", "people"]);
    const job = await copy.job(contractFor(["logins", "people"]));
    await copy.connection.query(
      "ALTER TABLE logins ADD CONSTRAINT by_person FOREIGN KEY (person) REFERENCES people (id)",
    );
    await assert.rejects(maskReplica(job), (error) => isFatal(error) && error.code === "MASK_KEYS_DIFFER");
    const ledger = ledgerOf(copy.database);
    await copy.connection.query(`RENAME TABLE ${ledger}.${keyTable("logins")} TO ${ledger}.${keyTable("gone")}`);
    await assert.rejects(maskReplica(job), /lacks 1 of the tables whose keys wait/);
  });
}
