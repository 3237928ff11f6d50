// Mutations: one value of one row put back, in every kind of column and under every kind of transform, is caught.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isFatal } from "../../../../contracts/errors.ts";
import { maskReplica, proveMasking, type MaskingJob } from "../../../../handlers/masking/index.ts";
import { servers, type TestServer } from "../../../support/servers.ts";
import { contractOf, createCopy, manyRows, type Copy } from "../support.ts";

const ROWS = 60;

async function fails(job: MaskingJob): Promise<{ code: string; message: string }> {
  const error: unknown = await proveMasking(job).catch((caught: unknown) => caught);
  assert.ok(isFatal(error), JSON.stringify(error));
  return error;
}

/** A look that is done is not done again; here it is to be. */
async function lookAgain({ connection, database }: Copy): Promise<void> {
  const looks = ["after", "chance", "range", "scan"].map((look) => `step LIKE '${look}:%'`);
  await connection.query(`DELETE FROM ${database}_ledger.proof_notes WHERE ${looks.join(" OR ")}`);
}

interface Kind {
  readonly type: string;
  readonly value: (n: number) => string;
  readonly transform: "redact" | "hash" | "email" | "null";
  readonly needsJson?: true;
}

const KINDS: readonly Kind[] = [
  { type: "VARCHAR(100)", value: (n) => `'Ann ${n}'`, transform: "redact" },
  { type: "TEXT", value: (n) => `'山田 ${n}'`, transform: "hash" },
  { type: "VARCHAR(60) CHARACTER SET latin1", value: (n) => `'é${n}@corp.com'`, transform: "email" },
  { type: "CHAR(20)", value: (n) => `'x${n}'`, transform: "null" },
  { type: "INT", value: (n) => `${n * 7}`, transform: "redact" },
  { type: "BIGINT UNSIGNED", value: (n) => `18446744073709551${500 + n}`, transform: "redact" },
  { type: "DECIMAL(12,3)", value: (n) => `${n}.125`, transform: "redact" },
  { type: "DOUBLE", value: (n) => `${n} / 7`, transform: "redact" },
  { type: "DATE", value: (n) => `DATE_ADD('1980-01-01', INTERVAL ${n} DAY)`, transform: "redact" },
  { type: "DATETIME(3)", value: (n) => `'1999-01-01 00:00:${n % 60}.5'`, transform: "redact" },
  { type: "ENUM('a','b','c')", value: (n) => `${2 + (n % 2)}`, transform: "redact" },
  { type: "SET('a','b','c')", value: (n) => `${1 + (n % 7)}`, transform: "redact" },
  { type: "BIT(9)", value: (n) => `${n}`, transform: "redact" },
  { type: "VARBINARY(40)", value: (n) => `x'ff00${(n + 16).toString(16)}'`, transform: "hash" },
  { type: "BLOB", value: (n) => `x'ff00${(n + 16).toString(16)}'`, transform: "redact" },
  { type: "JSON", value: (n) => `'{"a": ${n}}'`, transform: "redact", needsJson: true },
];

const kindsOf = (server: TestServer) =>
  KINDS.filter(({ needsJson }) => !needsJson || !server.version.startsWith("5.6"));

/** One table a kind, and beside each the originals, out of the copy. */
async function allKinds(t: TestContext, server: TestServer) {
  const kinds = kindsOf(server);
  const copy = await createCopy(t, server, [
    ...kinds.flatMap(({ type, value }, i) => [
      `CREATE TABLE t${i} (id INT PRIMARY KEY, v ${type} NULL) DEFAULT CHARSET utf8mb4`,
      `INSERT INTO t${i} VALUES ${manyRows(ROWS, (n) => `${n}, ${value(n)}`)}`,
    ]),
  ]);
  const job = await copy.job(
    contractOf(Object.fromEntries(kinds.map(({ transform }, i) => [`t${i}`, { id: "keep", v: transform }]))),
  );
  const put = (i: number, id: number) =>
    copy.connection.query(`UPDATE t${i} SET v = ${kinds[i]?.value(id) ?? "NULL"} WHERE id = ${id}`);
  return { copy, job, kinds, put };
}

for (const server of servers()) {
  test(`one original put back into one row of any kind of column is a leak, on ${server.name}`, async (t) => {
    const { copy, job, kinds, put } = await allKinds(t, server);
    assert.equal(await maskReplica(job), "finished");
    const ledger = `${copy.database}_ledger`;
    for (const [i, { type }] of kinds.entries()) {
      const [masked] = await copy.rows(`SELECT COUNT(*) AS n FROM t${i} WHERE id = 41`);
      assert.equal(Number(masked?.["n"]), 1);
      await copy.connection.query(`CREATE TABLE ${ledger}.saved SELECT * FROM t${i} WHERE id = 41`);
      await put(i, 41);
      await lookAgain(copy);
      const error = await fails(job);
      assert.equal(error.code, "MASK_LEAK", type);
      assert.match(error.message, new RegExp(`^1 rows of \`t${i}\\.v\``), type);
      await copy.connection.query(`UPDATE t${i} t JOIN ${ledger}.saved s ON s.id = t.id SET t.v = s.v`);
      await copy.connection.query(`DROP TABLE ${ledger}.saved`);
    }
    await lookAgain(copy);
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  /** Ten names, each for another: what stands there afterwards was somebody's before. */
  async function namedByChance(t: TestContext, key: string, sql: string) {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (id INT ${key}, name VARCHAR(40), n INT) DEFAULT CHARSET utf8mb4`,
      `INSERT INTO people VALUES ${manyRows(200, (n) => `${n}, ELT(1 + ${n} % 10, 'Ann','Bob','Cid','Dan','Eve','Fay','Gus','Hal','Ida','Jon'), ${n}`)}`,
      "INSERT INTO people VALUES (900, 'Hieronymus', 1), (901, '', 1), (902, NULL, 1)",
    ]);
    const planned = await copy.job(contractOf({ people: { id: "keep", name: "redact", n: "keep" } }));
    const tables = planned.plan.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) =>
        column.column === "name" ? { ...column, sql, unchanged: "name = ''", byChance: true as const } : column,
      ),
    }));
    return { copy, job: { ...planned, plan: { ...planned.plan, tables } } };
  }
  const NEXT =
    "IF(name = '' OR name IS NULL, name, ELT(1 + ORD(name) % 10, 'Ann','Bob','Cid','Dan','Eve','Fay','Gus','Hal','Ida','Jon'))";

  for (const [what, key] of [
    ["with a primary key", "PRIMARY KEY"],
    ["without one", ""],
  ] as const) {
    test(`new names that were others' pass, and one row's own is a leak, in a table ${what}, on ${server.name}`, async (t) => {
      const { copy, job } = await namedByChance(t, key, NEXT);
      assert.equal(await maskReplica(job), "finished");
      await copy.connection.query("UPDATE people SET name = 'Hieronymus' WHERE id = 900");
      const rare = await fails(job);
      assert.equal(rare.code, "MASK_LEAK");
      assert.match(rare.message, /^1 rows of `people\.name`/);
      await copy.connection.query(
        "UPDATE people SET name = ELT(1 + ORD('H') % 10, 'Ann','Bob','Cid','Dan','Eve','Fay','Gus','Hal','Ida','Jon') WHERE id = 900",
      );
      // A name that many have afterwards, too.
      const [row] = await copy.rows("SELECT name FROM people WHERE id = 44");
      await copy.connection.query("UPDATE people SET name = 'Eve' WHERE id = 44");
      await lookAgain(copy);
      assert.match((await fails(job)).message, /^1 rows of `people\.name`/);
      await copy.connection.query("UPDATE people SET name = ? WHERE id = 44", [row?.["name"]]);
      const proof = await proveMasking(job);
      assert.ok(proof !== "out-of-time" && proof.compared === 201, JSON.stringify(proof));
    });
  }

  test(`names that the transform gives again are no leak, and one that it does not is, on ${server.name}`, async (t) => {
    const again = `IF(name IN ('Ann', 'Bob'), name, ${NEXT})`;
    for (const key of ["PRIMARY KEY", ""]) {
      const { copy, job } = await namedByChance(t, key, again);
      assert.equal(await maskReplica(job), "finished");
      const [row] = await copy.rows("SELECT name FROM people WHERE id = 32");
      await copy.connection.query("UPDATE people SET name = 'Cid' WHERE id = 32");
      assert.match((await fails(job)).message, /^1 rows of `people\.name`/, key);
      await copy.connection.query("UPDATE people SET name = ? WHERE id = 32", [row?.["name"]]);
      await lookAgain(copy);
      assert.partialDeepStrictEqual(await proveMasking(job), { rows: 203, compared: 201 });
    }
  });

  test(`one row's own value is a leak in each of many columns with values by chance, whatever the key, on ${server.name}`, async (t) => {
    const names = Array.from({ length: 10 }, (_, i) => `c${i}`); // more than one record has
    const keys = ["id INT PRIMARY KEY", "id INT, day DATE, PRIMARY KEY (day, id)", "id VARCHAR(30) PRIMARY KEY"];
    const copy = await createCopy(
      t,
      server,
      keys.flatMap((key, i) => [
        `CREATE TABLE t${i} (${key}, ${names.map((name) => `${name} VARCHAR(60)`).join(", ")}) DEFAULT CHARSET utf8mb4`,
        `INSERT INTO t${i} (id, ${i === 1 ? "day, " : ""}${names.join(", ")})
         VALUES ${manyRows(ROWS, (n) => `${n}, ${i === 1 ? "'2020-02-03', " : ""}${names.map((name) => (n % 7 ? `'${name} no. 4711${n}'` : "NULL")).join(", ")}`)}`,
      ]),
    );
    const rules = { id: "keep", ...Object.fromEntries(names.map((name) => [name, "digits"])) } as const;
    const job = await copy.job(contractOf({ t0: rules, t1: { ...rules, day: "keep" }, t2: rules }));
    assert.equal(await maskReplica(job), "finished");
    for (const [i, name] of names.entries()) {
      const [table, id] = [`t${i % keys.length}`, 8 + i];
      const [masked] = await copy.rows(`SELECT ${name} AS v FROM ${table} WHERE id = ${id}`);
      const value = id % 7 ? `'${name} no. 4711${id}'` : "NULL";
      await copy.connection.query(`UPDATE ${table} SET ${name} = ${value} WHERE id = ${id}`);
      await lookAgain(copy);
      if (value !== "NULL") assert.match((await fails(job)).message, new RegExp(`^1 rows of \`${table}\\.${name}\``));
      await copy.connection.query(`UPDATE ${table} SET ${name} = ? WHERE id = ${id}`, [masked?.["v"]]);
    }
    await lookAgain(copy);
    const compared = keys.length * names.length * (ROWS - Math.floor(ROWS / 7));
    assert.partialDeepStrictEqual(await proveMasking(job), { rows: keys.length * ROWS, compared });
  });

  test(`one row's own value is a leak where the transform reads other columns, too, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(60), kana VARCHAR(60), code VARCHAR(90), plain VARCHAR(60)) DEFAULT CHARSET utf8mb4",
      `INSERT INTO people VALUES ${manyRows(ROWS, (n) => `${n}, '山田 太郎', 'ヤマダ タロウ', 'code ${n}', 'plain ${n}'`)}`,
      "INSERT INTO people VALUES (900, '佐藤 花子', 'ヒメネス ペドロ', 'code', 'plain')",
    ]);
    const rules = {
      id: "keep",
      name: { name: { locale: "ja" } },
      kana: { kana: { of: "name" } },
      code: { expression: "CONCAT(plain, ' ', REVERSE({value}))" },
      plain: { expression: "REVERSE({value})" },
    } as const;
    const job = await copy.job(contractOf({ people: rules }));
    assert.equal(await maskReplica(job), "finished");
    for (const [id, column, value] of [
      [900, "kana", "ヒメネス ペドロ"],
      [9, "code", "code 9"],
      [10, "plain", "plain 10"],
    ] as const) {
      const [masked] = await copy.rows(`SELECT ${column} AS v FROM people WHERE id = ${id}`);
      await copy.connection.query(`UPDATE people SET ${column} = '${value}' WHERE id = ${id}`);
      await lookAgain(copy);
      assert.match((await fails(job)).message, new RegExp(`^1 rows of \`people\\.${column}\``));
      await copy.connection.query(`UPDATE people SET ${column} = ? WHERE id = ${id}`, [masked?.["v"]]);
    }
    await lookAgain(copy);
    assert.partialDeepStrictEqual(await proveMasking(job), { rows: ROWS + 1, compared: 4 * (ROWS + 1) });
  });

  test(`columns that are named as the ledger's own are looked at as any others, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE o (row_key INT PRIMARY KEY, column_id INT, digest VARCHAR(60), original VARCHAR(60), digests INT)",
      `INSERT INTO o VALUES ${manyRows(120, (n) => `${n}, ${n}, 'value ${n}', 'no. 4711${n}', ${n}`)}`,
    ]);
    const rules = {
      row_key: "keep",
      column_id: "keep",
      digest: "hash",
      original: "digits",
      digests: "keep",
    } as const;
    const job = await copy.job(contractOf({ o: rules }));
    assert.equal(await maskReplica(job), "finished");
    for (const [id, column, value] of [
      [7, "digest", "value 7"],
      [117, "digest", "value 9"],
      [8, "original", "no. 47118"],
      [119, "original", "no. 4711119"],
    ] as const) {
      const [masked] = await copy.rows(`SELECT ${column} AS v FROM o WHERE row_key = ${id}`);
      await copy.connection.query(`UPDATE o SET ${column} = '${value}' WHERE row_key = ${id}`);
      await lookAgain(copy);
      assert.match((await fails(job)).message, new RegExp(`^1 rows of \`o\\.${column}\``));
      await copy.connection.query(`UPDATE o SET ${column} = ? WHERE row_key = ${id}`, [masked?.["v"]]);
    }
    assert.partialDeepStrictEqual(await proveMasking(job), { rows: 120, originals: 120, compared: 120 });
  });

  test(`a transform that leaves more values as they are than chance does is a leak, on ${server.name}`, async (t) => {
    const { job } = await namedByChance(t, "PRIMARY KEY", "IF(n = 7, 'Zoe', name)");
    assert.equal(await maskReplica(job), "finished");
    const error = await fails(job);
    assert.equal(error.code, "MASK_LEAK");
    assert.match(error.message, /leaves 11 different values of `people\.name` as they are/);
  });

  test(`rows, references and computed columns that are not as they were are told, on ${server.name}`, async (t) => {
    const generated = !server.version.startsWith("5.6");
    const copy = await createCopy(t, server, [
      "CREATE TABLE countries (id INT PRIMARY KEY, name VARCHAR(40))",
      "INSERT INTO countries VALUES (1, 'JP'), (2, 'DE'), (3, 'FR')",
      `CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(40), country INT, n INT${generated ? ", twice INT AS (n * 2), mail VARCHAR(60) AS (CONCAT(name, '@')) STORED" : ""},
         CONSTRAINT lives_in FOREIGN KEY (country) REFERENCES countries (id))`,
      `INSERT INTO people (id, name, country, n) VALUES ${manyRows(30, (n) => `${n}, 'Ann Lee ${n}', ${1 + (n % 2)}, ${n}`)}`,
      "SET foreign_key_checks = 0",
      "INSERT INTO people (id, name, country, n) VALUES (99, 'Zoe', 77, 99)", // production has an orphan
    ]);
    const job = await copy.job(
      contractOf({ countries: "keep", people: { id: "keep", name: "redact", country: "keep", n: "keep" } }),
    );
    assert.equal(await maskReplica(job), "finished");
    const run = async (sql: string, code: string, undo: string) => {
      await copy.connection.query(sql);
      await lookAgain(copy);
      assert.equal((await fails(job)).code, code);
      await copy.connection.query(undo);
    };
    await run("DELETE FROM countries WHERE id = 3", "MASK_ROWS_DIFFER", "INSERT INTO countries VALUES (3, 'FR')");
    await run(
      "UPDATE people SET country = 5 WHERE id = 4",
      "MASK_ORPHANS",
      "UPDATE people SET country = 1 WHERE id = 4",
    );
    if (generated) {
      await run(
        "UPDATE people SET n = 5 WHERE id = 4",
        "MASK_GENERATED_DIFFERS",
        "UPDATE people SET n = 4 WHERE id = 4",
      );
    }
    const proof = await proveMasking(job);
    assert.ok(proof !== "out-of-time");
    assert.equal(proof.facts, generated ? 3 : 2);
  });

  test(`what was to be remembered and is not there is not checked, on ${server.name}`, async (t) => {
    const { copy, job } = await namedByChance(t, "PRIMARY KEY", NEXT);
    assert.equal(await maskReplica(job), "finished");
    const ledger = `${copy.database}_ledger`;
    for (const sql of [
      `DELETE FROM ${ledger}.proof_rows LIMIT 1`,
      `DELETE FROM ${ledger}.proof_notes WHERE step LIKE 'expected:%'`,
      `DELETE FROM ${ledger}.proof_notes WHERE step LIKE 'originals:%'`,
    ]) {
      await copy.connection.query(sql);
      assert.equal((await fails(job)).code, "MASK_NOT_CHECKED", sql);
    }
  });
}
