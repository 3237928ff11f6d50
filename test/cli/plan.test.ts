// `understudy plan` and `understudy check --server`: on any server that has the schema, with no pipeline around.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { parse } from "yaml";
import { planText, type PlanView } from "../../cli/render/plan-text.ts";
import { property } from "../../contracts/plain-data.ts";
import { afterTest } from "../support/cleanup.ts";
import { connect, createDatabase, servers, type TestServer } from "../support/servers.ts";
import { type Outcome, understudy } from "./understudy.ts";

const TABLES = `users:
      keep: [id, manager_id]
      email: email
      name: redact
      code: permute
      photo: hash
      rows: { delete: "id > 100 -- gone" }
    countries: keep
    "log_*": truncate`;

const SCHEMA = [
  "CREATE TABLE countries (code CHAR(2) PRIMARY KEY)",
  "CREATE TABLE log_1 (id INT PRIMARY KEY, line TEXT)",
  `CREATE TABLE users (id INT PRIMARY KEY, manager_id INT, email VARCHAR(100), name VARCHAR(40), code INT, photo VARBINARY(40),
     FOREIGN KEY (manager_id) REFERENCES users (id) ON DELETE SET NULL) ENGINE=InnoDB`,
  `INSERT INTO users VALUES (1, NULL, 'ann@corp.com', 'Ann Lee', 7, x'00ff'), (2, 1, NULL, '\\0 \\n日本 \u001b[31m', 8, NULL),
     (101, 1, 'gone@corp.com', 'Gone', 9, NULL)`,
];

interface Ci {
  readonly database: string;
  run(words: string): Promise<Outcome>;
  /** Writes the contract anew. */
  write(tables: string): Promise<void>;
  readonly directory: string;
  readonly server: string;
}

/** A database that migrations have made, and a contract whose own servers are nowhere. */
async function openCi(t: TestContext, server: TestServer): Promise<Ci> {
  const database = await createDatabase(t, server, "ci");
  const connection = await connect(t, server, database);
  for (const statement of SCHEMA) await connection.query(statement);
  const directory = await mkdtemp(join(tmpdir(), "understudy-ci-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const nowhere = (port: number) =>
    `{ host: 127.0.0.1, port: ${port}, user: u, password: env:NOT_SET, database: shop }`;
  const write = (tables: string) =>
    writeFile(
      join(directory, "sync.yaml"),
      `pipeline: shop\nproduction: ${nowhere(1)}\nreplica: ${nowhere(2)}\nstaging: ${nowhere(3)}\ndumps: dumps
masking:\n  key: env:NOT_SET_EITHER\n  tables:\n    ${tables}\npreserve: [{ table: users, where: id = 1 }]\n`,
    );
  await write(TABLES);
  const place = { directory, environment: { CI_PASSWORD: server.password } };
  const address = `${server.host}:${server.port}`;
  const options = `--server ${address} --user ${server.user} --password env:CI_PASSWORD --database ${database}`;
  return {
    ...{ database, directory, server: address, write },
    run: (words) => understudy(t, `${words} ${options}`, place),
  };
}

for (const server of servers()) {
  test(`check holds a contract against a server of the application's CI, on ${server.name}`, async (t) => {
    const ci = await openCi(t, server);
    const agreed = await ci.run("check");
    assert.deepEqual(agreed, {
      ...{ code: 0, stderr: "" },
      stdout: `sync.yaml and the schema \`${ci.database}\` on \`${ci.server}\` agree.\n`,
    });
    const connection = await connect(t, server, ci.database);
    await connection.query("ALTER TABLE users ADD COLUMN phone VARCHAR(20)");
    const drifted = await ci.run("check --json");
    assert.equal(drifted.code, 1);
    const json: unknown = JSON.parse(drifted.stdout);
    assert.deepEqual(property(json, "unlisted"), [{ table: "users", column: "phone" }]);
    // The patch is the whole entry, ready to take its place: with it there is no drift.
    const patch: unknown = parse(String(property(json, "patch")));
    await ci.write(
      TABLES.replace(/^users:[^]*?(?= {4}countries)/, `users: ${JSON.stringify(property(patch, "users"))}\n`),
    );
    assert.equal((await ci.run("check")).code, 0);
    await ci.write(`${TABLES}\n  allow:\n    - { table: countries, column: cod, patterns: [email] }`);
    assert.match((await ci.run("check")).stdout, /^sync\.yaml:19:27 +`masking\.allow` names a column .*`code`\?$/m);
    assert.deepEqual(await readdir(ci.directory), ["sync.yaml"], "nothing of a pipeline was opened");
  });

  test(`plan shows transforms, SQL and values before and after, and changes nothing, on ${server.name}`, async (t) => {
    const ci = await openCi(t, server);
    const connection = await connect(t, server, ci.database);
    const before = await connection.query("SELECT * FROM users");
    const plain = await ci.run("plan");
    assert.deepEqual({ code: plain.code, stderr: plain.stderr }, { code: 0, stderr: "" });
    assert.match(
      plain.stdout,
      /^sync\.yaml on the schema `.*: 4 columns of 1 table masked, of 3 tables with about \d+ rows?\n/,
    );
    assert.match(plain.stdout, /^ {2}email +varchar\(100\) +email$/m);
    assert.match(plain.stdout, /^ {2}rows stay behind where id > 100 -- gone$/m);
    assert.match(plain.stdout, /^ {2}rows whose `manager_id` refers to such rows of `users`: lose the reference$/m);
    assert.match(plain.stdout, /^Kept as they are: countries$/m);
    assert.match(plain.stdout, /^Truncated: log_1$/m);

    const shown = await ci.run("plan --table users --sql --samples 5");
    assert.match(
      shown.stdout,
      /^ {2}UPDATE `.*`\.`users` FORCE INDEX \(`PRIMARY`\) SET .*SHA2\(CONCAT\(@understudy_outer/m,
    );
    assert.match(shown.stdout, /^ {2}DELETE FROM `.*`\.`users` WHERE TRUE AND \(id > 100 -- gone\n {2}\);$/m);
    assert.match(shown.stdout, /^ {2}row 2 +email +"ann@corp\.com" +→ +"u[0-9a-f]{24}@example\.com"$/m);
    assert.match(shown.stdout, /name +"Ann Lee" +→ +"\*{7}"$/m);
    assert.match(shown.stdout, /code +7 +→ +\(made when masking begins\)$/m);
    assert.match(shown.stdout, /photo +"0x00ff" +→ +"0x[0-9a-f]{36}…$/m);
    assert.ok(!shown.stdout.includes("gone@corp.com"), "a row that stays behind is not shown");
    assert.ok(!shown.stdout.includes("\u001b"), "a value does not speak to the terminal");
    assert.deepEqual(await connection.query("SELECT * FROM users"), before);

    for (const words of ["plan", "plan --sql", "plan --json", "plan --sql --json"]) {
      const { stdout } = await ci.run(words);
      assert.ok(!/ann@corp|Ann Lee/.test(stdout), `${words} shows values that nobody asked for`);
    }
    if (!server.version.startsWith("5.6")) {
      await connection.query("ALTER TABLE users ADD COLUMN doc JSON");
      await connection.query(`UPDATE users SET doc = '{"mail": "ann@corp.com", "age": 41}' WHERE id = 1`);
      await ci.write(TABLES.replace("      rows:", "      doc: { json: { $.mail: email } }\n      rows:"));
      const told = JSON.stringify(JSON.parse((await ci.run("plan --table users --samples 2 --json")).stdout));
      assert.match(told, /\{"column":"doc","before":null,"after":null\}/);
      const masked = /"after":"(u[0-9a-f]{24}@example\.com)"/.exec(told)?.[1];
      // As the column's own, since both are of one domain.
      assert.match(told.replaceAll("\\", ""), new RegExp(`"after":"\\{[^}]*"mail":"${masked}"`));
      await ci.write(TABLES);
      await connection.query("ALTER TABLE users DROP COLUMN doc");
    }
    const json: unknown = JSON.parse((await ci.run("plan --json --table users --samples 1")).stdout);
    assert.match(JSON.stringify(json), /"sample":\{"rows":\[\[\{"column":"email","before":null,"after":null\}/);
  });
}

const [server] = servers();
if (!server) throw new Error("There is no server to test on.");

test("what a contract extends is held against the schema, too, each place in its own file", async (t) => {
  const ci = await openCi(t, server);
  const own = await readFile(join(ci.directory, "sync.yaml"), "utf8");
  await writeFile(join(ci.directory, "base.yaml"), own.replace("name: redact", "name: redact\n      nmae: redact"));
  await writeFile(join(ci.directory, "sync.yaml"), "extends: base.yaml\nmasking: { tables: { contries: keep } }\n");
  const { code, stdout } = await ci.run("check");
  assert.equal(code, 1);
  assert.match(stdout, /^base\.yaml:\d+:7 +There is no column `users\.nmae`\. Did you mean `name`\?$/m);
  assert.match(stdout, /^sync\.yaml:2:22 +There is no table `contries`\. Did you mean `countries`\?$/m);
});

test("options that do not fit are told without the password in them", async (t) => {
  const directory = (await openCi(t, server)).directory;
  const address = `${server.host}:${server.port}`;
  for (const [words, told, code] of [
    [`check --server ${address} --user u --password hunter2`, /`--password` refers to an environment variable/, 2],
    [
      `check --server ${address} --user u --password env:NOT_SET`,
      /^SECRET_MISSING: The environment variable `NOT_SET`/,
      1,
    ],
    [`check --server ${address}`, /`--server` needs `--user USER`/, 2],
    ["check --user u", /`--user` goes with `--server HOST:PORT`/, 2],
    ["plan --server mysql://h --user u", /`--server` is not a server/, 2],
    ["plan --server 127.0.0.1:1 --user u", /^MYSQL_UNREACHABLE: The server at `127\.0\.0\.1:1` cannot be reached/, 1],
    [
      `plan --server ${address} --user nobody --password env:WRONG`,
      /^MYSQL_ACCESS_DENIED: The server at .* does not let `nobody` in/,
      1,
    ],
    ["plan --samples many --server h --user u", /`--samples` takes a whole number from 1 to 100/, 2],
  ] as const) {
    const outcome = await understudy(t, words, { directory, environment: { WRONG: "hunter2" } });
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, told);
    assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes("hunter2"));
  }
});

test("a database or a table that is not there is named", async (t) => {
  const ci = await openCi(t, server);
  const options = `--server ${ci.server} --user ${server.user} --password env:CI --database nowhere`;
  const place = { directory: ci.directory, environment: { CI: server.password } };
  const missing = await understudy(t, `check ${options}`, place);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^DATABASE_MISSING: There is no database `nowhere` on `.*`, or `.*` may not see it\./);
  const table = await ci.run("plan --table user");
  assert.equal(table.code, 2);
  assert.match(table.stderr, /^There is no table `user`\. Did you mean `users`\?/);
});

test("a column's very long SQL is cut in a plan's text, and what surrounds it is not", () => {
  const sql = `INSERT(${"x".repeat(70_000)}, 1)`;
  const statement = `UPDATE users SET phone = ${sql}, name = '' WHERE TRUE`;
  const columns = [{ column: "phone", type: "varchar(40)", transform: { name: "digits" as const }, sql }];
  const users = { table: "users", rule: "columns" as const, estimatedRows: 1, columns, statements: [statement] };
  const line =
    planText({ contract: "sync.yaml", title: "it", tables: [users] })
      .split("\n")
      .at(-1) ?? "";
  assert.match(
    line,
    /^ {2}UPDATE users SET phone = INSERT\(x+ … 69,651 more characters, which --json shows … x+, 1\), name/,
  );
  assert.match(line, /, name = '' WHERE TRUE;$/);
  assert.ok(line.length < 600, `${line.length} characters`);
});

test("a plan as text: what is masked table by table, what is not by its names", () => {
  const columns = (...names: string[]) =>
    names.map((column) => ({ column, type: "int", transform: { name: "keep" as const } }));
  const view: PlanView = {
    contract: "sync.yaml",
    title: "production's schema `shop`",
    tables: [
      {
        ...{ table: "users", rule: "columns", estimatedRows: 1_200 },
        columns: [
          ...columns("id"),
          { column: "born", type: "date", transform: { name: "date_shift", days: 30, by: "id" } },
          { column: "data", type: "json", transform: { name: "json", paths: { "$.a": { name: "redact" } } } },
          { column: "full", type: "varchar(9)", transform: { name: "generated" } },
        ],
        sample: { errno: 1054, code: "ER_BAD_FIELD_ERROR" },
      },
      {
        ...{ table: "docs", rule: "columns", estimatedRows: 2 },
        columns: [{ column: "doc", type: "json", transform: { name: "json", paths: {} } }],
        sample: {
          rows: [
            [{ column: "doc", before: '{"a":\n"x"}', after: '{"a":"*"}' }],
            [{ column: "doc", before: null, after: undefined }],
          ],
        },
      },
      { table: "codes", rule: "keep", estimatedRows: 3, columns: columns("id") },
      { table: "units", rule: "columns", estimatedRows: 1, columns: columns("id") },
      { table: "logs", rule: "truncate", estimatedRows: 0, columns: columns("id") },
    ],
  };
  assert.deepEqual(planText(view).split("\n"), [
    "sync.yaml on production's schema `shop`: 3 columns of 2 tables masked, of 5 tables with about 1,206 rows",
    "Values are computed with a key of this moment: staging gets others, of the same form. They are personal data.",
    "",
    "users, about 1,200 rows",
    '  born  date  date_shift (days 30, by "id")',
    "  data  json  json (1 path, the rest redacted)",
    "  kept: id, full",
    "  no values: the server could not compute them (error 1054, ER_BAD_FIELD_ERROR)",
    "",
    "docs, about 2 rows",
    "  doc  json  json (all redacted)",
    '  row 1  doc  {"a":·"x"}  →  {"a":"*"}',
    "  row 2  doc  NULL        →  (made when masking begins)",
    "",
    "Kept as they are: codes, units",
    "",
    "Truncated: logs",
  ]);
});
