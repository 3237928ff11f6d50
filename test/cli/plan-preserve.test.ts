// `understudy plan --preserve`: the program on a contract's own servers, and its text.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type PreserveView, preserveText } from "../../cli/render/preserve-text.ts";
import { property } from "../../contracts/plain-data.ts";
import { afterTest } from "../support/cleanup.ts";
import { connect, createDatabase, servers, startTestServer, type TestServer } from "../support/servers.ts";
import { understudy } from "./understudy.ts";

const SCHEMA = [
  "CREATE TABLE companies (id INT PRIMARY KEY, slug VARCHAR(20) NOT NULL UNIQUE, demo INT NOT NULL DEFAULT 0) ENGINE=InnoDB",
  `CREATE TABLE users (id INT PRIMARY KEY, company_id INT NOT NULL, country_id INT, FOREIGN KEY (company_id) REFERENCES companies (id)) ENGINE=InnoDB`,
  "CREATE TABLE countries (id INT PRIMARY KEY) ENGINE=InnoDB",
  "CREATE TABLE comments (id INT PRIMARY KEY, commentable_id INT, commentable_type VARCHAR(20)) ENGINE=InnoDB",
];
const STAGING = [
  "INSERT INTO companies VALUES (1, 'secret-demo', 1), (2, 'other', 0)",
  "INSERT INTO countries VALUES (49)",
  "INSERT INTO users VALUES (1, 1, 49), (2, 1, 49), (3, 2, NULL)",
  "INSERT INTO comments VALUES (1, 1, 'Company'), (2, 2, 'Company')",
];
const PRODUCTION = ["INSERT INTO companies VALUES (1, 'first', 0)", "INSERT INTO users VALUES (2, 1, NULL)"];

/** Production on one server, staging on another; nobody opens the replica. */
async function open(t: TestContext, server: TestServer) {
  const elsewhere = servers().find(({ port }) => port !== server.port) ?? (await startTestServer(t)).test;
  const production = await createDatabase(t, server, "production");
  const staging = await createDatabase(t, elsewhere, "staging");
  const connection = await connect(t, server, production);
  for (const statement of [...SCHEMA, ...PRODUCTION]) await connection.query(statement);
  const other = await connect(t, elsewhere, staging);
  for (const statement of [...SCHEMA, ...STAGING]) await other.query(statement);
  const directory = await mkdtemp(join(tmpdir(), "understudy-preserve-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const on = ({ host, port, user }: TestServer, database: string) =>
    `{ host: ${host}, port: ${port}, user: ${user}, password: env:PASSWORD, database: ${database} }`;
  const contract = `pipeline: shop\nproduction: ${on(server, production)}\nreplica: ${on({ ...server, port: 1 }, "shop")}
staging: ${on(elsewhere, staging)}\ndumps: dumps\nmasking: { key: env:KEY, tables: { "*": keep } }
preserve: [{ table: companies, where: demo = 1 }]\n`;
  await writeFile(join(directory, "sync.yaml"), contract);
  const place = { directory, environment: { PASSWORD: server.password, KEY: "00".repeat(32) } };
  return { connection, run: (words: string) => understudy(t, words, place) };
}

for (const server of servers()) {
  test(`plan --preserve holds the rows against a clone that the options name, on ${server.name}`, async (t) => {
    const { run } = await open(t, server);
    const database = await createDatabase(t, server, "clone");
    const clone = await connect(t, server, database);
    for (const statement of [...SCHEMA, "INSERT INTO companies VALUES (1, 'grown', 0), (2, 'since', 0)"])
      await clone.query(statement);
    const place = `${server.host}:${server.port}`;
    const { code, stdout } = await run(
      `plan --preserve --server ${place} --user ${server.user} --password env:PASSWORD --database ${database}`,
    );
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`sync.yaml: 3 rows of 2 tables to preserve, held against the rows of \`${database}\` on \`${place}\`\n`), stdout); // prettier-ignore
    assert.match(stdout, /^ {2}companies +1 +0 +1 +0$/m);
    assert.match(stdout, /^ {2}users +2 +2 +0 +0$/m);
  });

  test(`plan --preserve tells what comes along, what it meets and what nobody declared, on ${server.name}`, async (t) => {
    const { connection, run } = await open(t, server);
    const plain = await run("plan --preserve");
    assert.deepEqual({ code: plain.code, stderr: plain.stderr }, { code: 0, stderr: "" });
    assert.match(plain.stdout, /^sync\.yaml: 3 rows of 2 tables to preserve, held against production's rows\n/);
    assert.match(plain.stdout, /^ {2}companies +1 +0 +1 +0$/m);
    assert.match(plain.stdout, /^ {2}users +2 +1 +1 +0$/m);
    assert.match(plain.stdout, /^ {2}- users\.country_id → countries\.id # 1 of 1 values match$/m);
    assert.match(
      plain.stdout,
      /^ {2}- comments\.commentable_id → companies\.id when comments\.commentable_type = 'Company' # 2 of 2 values match$/m,
    );
    const json: unknown = JSON.parse((await run("plan --preserve --json")).stdout);
    assert.equal(property(json, "heldAgainst"), "production");
    assert.deepEqual(property(property(property(json, "tables"), 0), "idsAnew"), 1);

    await connection.query("UPDATE companies SET slug = 'secret-demo'");
    const refused = await run("plan --preserve");
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^ {2}companies +1 +0 +1 +0 +1 row has production's slug \(slug\): refused$/m);
    assert.match(refused.stdout, /^ {2}PRESERVE_UNIQUE_CLASH: .* `match: \[slug\]` with `on_match: keep-production`/m);
    assert.ok(!`${plain.stdout}${refused.stdout}`.includes("secret"), "a value of a row is told");
  });
}

test("--preserve goes with no option of the masking plan", async (t) => {
  const [server] = servers();
  assert.ok(server);
  const { run } = await open(t, server);
  const outcome = await run("plan --preserve --samples 3");
  assert.equal(outcome.code, 2);
  assert.match(outcome.stderr, /`--preserve` does not go with `--samples`/);
});

test("what production has is told with what the contract says of it", () => {
  const view: PreserveView = {
    ...{ contract: "sync.yaml", heldAgainst: "production", against: "production's rows" },
    tables: [
      {
        ...{ table: "orders", rows: 1_200, idsKept: 1_190, idsAnew: 5 },
        matched: { "keep-production": 5, overwrite: 0, rename: 0 },
        parents: { pointed: 30, nulled: 0, missing: 0, different: 1 },
        clashes: [{ key: null, columns: ["a", "b"], rows: 5, does: "keep-production" }],
      },
    ],
    ...{ notes: [], proposals: [], refusals: [] },
  };
  assert.equal(
    preserveText(view).split("\n").at(-1),
    "  orders  1,200     1,190         5                  30  5 rows have production's a, b: keep-production; 1 reference leads to another row: refused",
  );
});

test("a preview as text, where nobody reads production", () => {
  const reference = { table: "odd table", column: "a_id", parentTable: "a", parentColumn: "id" };
  const view: PreserveView = {
    ...{ contract: "sync.yaml", heldAgainst: "staging", against: "staging's other rows" },
    tables: [
      {
        ...{ table: "orders", rows: 1_200, idsKept: null, idsAnew: null },
        matched: { "keep-production": 0, overwrite: 0, rename: 0 },
        parents: { pointed: 30, nulled: 1, missing: 2, different: 0 },
        clashes: [],
      },
    ],
    notes: ["`orders.gone` is dropped: production has no such column."],
    proposals: [{ reference, line: "`odd table`.a_id → a.id", values: 5, found: 4 }],
    refusals: [{ code: "PRESERVE_PARENT_MISSING", message: "It leads nowhere." }],
  };
  assert.deepEqual(preserveText(view).split("\n"), [
    "sync.yaml: 1,200 rows of 1 table to preserve, held against staging's other rows",
    "Nobody reads production here: staging's other rows, its last masked copy, stand for it. Which ids are kept, and what",
    "clashes by unique keys and `match`, only the run finds out; or name a clone or read replica of production by `--server`.",
    "",
    "  table    rows  ids kept  ids anew  parents pointed at",
    "  orders  1,200         ?         ?                  30  1 reference becomes NULL; 2 references lead to no row: refused",
    "",
    "Not as it stands:",
    "  `orders.gone` is dropped: production has no such column.",
    "",
    "Nothing declares these, and they look like references. To paste under `references`, after a look:",
    '  - "`odd table`.a_id → a.id" # 4 of 5 values match',
    "",
    "A run would be refused:",
    "  PRESERVE_PARENT_MISSING: It leads nowhere.",
  ]);
});
