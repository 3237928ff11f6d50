// What a server cannot hold of another's tables is told by name, from what the two say of themselves.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ReadSession } from "../../../contracts/platform.ts";
import { checkFits } from "../../../handlers/mysql/fit.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { afterTest } from "../../support/cleanup.ts";
import {
  connect,
  connectionOptions,
  createDatabase,
  servers,
  startTestServer,
  type TestServer,
} from "../../support/servers.ts";

const TABLE = `CREATE TABLE t (
  id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET utf8 DEFAULT 'x', at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, b BINARY(3)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci`;

/** From and to whom, a table, and what the one who is to load it lacks of it. */
const misfits: [from: string, to: string, create: string, lacks: RegExp][] = [
  ["MySQL 9.7", "MariaDB", "a VARCHAR(9) COLLATE utf8mb4_0900_ai_ci", /the collation `utf8mb4_0900_ai_ci` \(`t\.a`\)/],
  ["MySQL 9.7", "MariaDB", "a INT, KEY k ((a + 1))", /keys over expressions \(`t\.k`\)/],
  ["MySQL 9.7", "MySQL 5.6", "a JSON, b JSON, c JSON, d JSON", /the type `json` \(`t\.a`, `t\.b`, `t\.c` and 1 more\)/],
  ["MySQL 9.7", "MySQL 5.6", "a CHAR(36) DEFAULT (UUID())", /expressions as defaults \(`t\.a`\)/],
  ["MariaDB", "MySQL 5.6", "a INT, b INT AS (a + 1) VIRTUAL", /lacks generated columns \(`t\.b`\)/],
  ["MySQL 9.7", "MySQL 5.6", "a POINT NOT NULL SRID 0, SPATIAL KEY k (a)", /spatial keys in InnoDB \(`t\.k`\)/],
  ["MariaDB", "MySQL 5.6", "a INT, b INT INVISIBLE", /lacks invisible columns \(`t\.b`\)/],
  ["MariaDB", "MySQL 9.7", "a UUID", /the type `uuid` \(`t\.a`\)/],
  [
    "MariaDB",
    "MySQL 9.7",
    "a VARCHAR(9) COLLATE utf8mb4_uca1400_ai_ci",
    /the collation `utf8mb4_uca1400_ai_ci` \(`t\.a`\)/,
  ],
];

for (const from of servers()) {
  for (const to of servers()) {
    test(`a plain table of ${from.name} fits ${to.name}`, async (t) => {
      await check(t, from, to, TABLE);
    });
  }
}

for (const [fromName, toName, columns, lacks] of misfits) {
  const [from, to] = [fromName, toName].map((name) => servers().find((server) => server.name.startsWith(name)));
  if (!from || !to) continue; // test/run.ts says which servers are missing
  test(`${fromName}'s \`${columns}\` does not fit ${toName}`, async (t) => {
    const create = `CREATE TABLE t (${columns}) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci`;
    await assert.rejects(check(t, from, to, create), (error: Error & { code?: string }) => {
      assert.equal(error.code, "SCHEMA_DOES_NOT_FIT");
      assert.match(error.message, lacks);
      return true;
    });
  });
}

test("a collation that the contract maps is asked for under its new name, and one that it does not comes with the line", async (t) => {
  const [from, to] = ["MySQL 9.7", "MariaDB"].map((name) => servers().find((server) => server.name.startsWith(name)));
  if (!from || !to) return t.skip("needs MySQL 9.7 and MariaDB");
  const create = "CREATE TABLE t (a VARCHAR(9)) COLLATE utf8mb4_0900_as_cs";
  await assert.rejects(check(t, from, to, create), {
    message: /or have it mapped by this line in the contract: `collations: \{ utf8mb4_0900_as_cs: utf8mb4_bin \}`/,
  });
  await check(t, from, to, create, { utf8mb4_0900_as_cs: "utf8mb4_bin" });
});

async function check(
  t: TestContext,
  from: TestServer,
  to: TestServer,
  create: string,
  collations: Record<string, string> = {},
): Promise<void> {
  const database = await createDatabase(t, from, "fit");
  const connection = await connect(t, from, database);
  await connection.query(create);
  const source = await openReadSession("production", connectionOptions(from));
  const target = await openReadSession("staging", connectionOptions(to));
  afterTest(t, async () => void (await Promise.all([source.close(), target.close()])));
  await checkFits(source, database, target, collations);
}

test("a server that folds the names of tables is refused where there are names to fold", async (t) => {
  const [from] = servers();
  const folding = await startTestServer(t, { flags: ["--lower-case-table-names=1"] });
  if (!from) throw new Error("no server");
  await check(t, from, folding.test, TABLE);
  await assert.rejects(check(t, from, folding.test, "CREATE TABLE Users (id INT PRIMARY KEY)"), {
    code: "SCHEMA_DOES_NOT_FIT",
    message: /`lower_case_table_names`.*: `Users`\. Make the staging server anew/,
  });
});

for (const server of servers()) {
  test(`a view that converts by a time zone's name is held against the server's tables of them, on ${server.name}`, async (t) => {
    const database = await createDatabase(t, server, "fit");
    const connection = await connect(t, server, database);
    await connection.query("CREATE VIEW offsets AS SELECT CONVERT_TZ('2026-01-01', '+00:00', '+09:00') AS at");
    const target = await openReadSession("staging", connectionOptions(server));
    afterTest(t, () => target.close());
    // A server with its tables filled, for which a test cannot have one of its own.
    const query: ReadSession["query"] = async (sql, values) =>
      sql.includes("Europe/London") ? ([{ converted: "2026" }] as never) : target.query(sql, values);
    const source = { ...target, role: "production", query } as const;
    const [answer] = await target.query("SELECT CONVERT_TZ('2026-01-01', 'Europe/London', '+00:00') AS converted");
    if (answer?.["converted"] != null) return t.skip("This server knows time zones by name.");
    await checkFits(source, database, target);
    await connection.query("CREATE VIEW named AS SELECT CONVERT_TZ('2026-01-01', 'UTC', 'Asia/Tokyo') AS at");
    await assert.rejects(checkFits(source, database, target), { message: /lacks time zones by name.* \(`named`\)/ });
    await checkFits(target, database, target);
  });
}
