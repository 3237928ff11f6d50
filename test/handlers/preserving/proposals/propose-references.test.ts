// References that nobody declared, found in the rows of a database: on every server.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { parseReference, type DeclaredReference } from "../../../../contracts/declared-reference.ts";
import { readSchema } from "../../../../handlers/mysql/schema.ts";
import { openReadSession } from "../../../../handlers/mysql/session.ts";
import { proposeReferences } from "../../../../handlers/preserving/proposals/index.ts";
import { afterTest } from "../../../support/cleanup.ts";
import { connect, createDatabase, servers, type TestServer } from "../../../support/servers.ts";

const TABLES = `
CREATE TABLE companies (id BIGINT UNSIGNED PRIMARY KEY, token BINARY(16) NOT NULL UNIQUE, slug VARCHAR(20) NOT NULL UNIQUE);
CREATE TABLE users (id INT PRIMARY KEY, company_id BIGINT UNSIGNED, manager_id INT, ratio_id DOUBLE,
  company_token BINARY(16), company_slug VARCHAR(20), FOREIGN KEY (company_id) REFERENCES companies (id));
CREATE TABLE comments (id INT PRIMARY KEY, author_id INT, commentableId VARCHAR(36), commentableType VARCHAR(50), company_id INT);
CREATE TABLE notes (company_id INT, user_id INT, stale_user_id INT, empty_user_id INT);
CREATE TABLE audit_logs (id INT PRIMARY KEY, data LONGTEXT, plain TEXT);
CREATE TABLE countries (code CHAR(2) PRIMARY KEY);
CREATE TABLE cities (id INT PRIMARY KEY, country_code CHAR(2));
INSERT INTO companies VALUES (18446744073709551001, REPEAT('a', 16), 'acme'), (18446744073709551002, REPEAT('b', 16), 'best'), (3, REPEAT('c', 16), 'cool');
INSERT INTO users VALUES (1, 3, NULL, 1, REPEAT('a', 16), 'acme'), (2, 3, 1, 1, REPEAT('b', 16), 'cool'),
  (3, 18446744073709551001, 1, 2, REPEAT('\\0', 16), ''), (4, 3, 3, 2, NULL, NULL);
INSERT INTO comments VALUES (1, 1, '18446744073709551001', 'App\\\\Models\\\\Company', 900), (2, 2, '3', 'Company', 901),
  (3, 0, '2', 'User', 902), (4, 3, '77', 'Country', 903), (5, 4, 'secret', 'Person of interest', NULL);
INSERT INTO notes VALUES (3, 1, 1, 0), (3, 2, 2, 0), (NULL, 3, 50, NULL), (0, NULL, 51, NULL);
INSERT INTO audit_logs VALUES (1, '{"company_id": 3, "by": {"user": {"id": "2"}}, "order_id": 3}', 'user_id: 1'), (2, '[', '[{"user_id": 99}]'),
  (3, '{"company_id": 18446744073709551002, "user_ids": [1, 2, 3, 4, 9]}', NULL), (4, NULL, '');
INSERT INTO countries VALUES ('de'), ('jp');
INSERT INTO cities VALUES (1, 'de'), (2, 'JP'), (3, 'de')`;

const EXPECTED = [
  "audit_logs.data.$.by.user.id → users.id",
  "audit_logs.data.$.company_id → companies.id",
  "audit_logs.data.$.user_ids[*] → users.id",
  "cities.country_code → countries.code",
  "comments.author_id → users.id",
  "comments.commentableId → companies.id when comments.commentableType in ('App\\Models\\Company', 'Company')",
  "comments.commentableId → users.id when comments.commentableType = 'User'",
  "notes.company_id → companies.id",
  "notes.user_id → users.id",
  "users.company_slug → companies.slug",
  "users.company_token → companies.token",
  "users.manager_id → users.id",
];

async function openRows(t: TestContext, server: TestServer) {
  const database = await createDatabase(t, server, "rows");
  const connection = await connect(t, server, database);
  for (const statement of TABLES.split(/;\n/)) await connection.query(statement);
  const { host, port, user, password } = server;
  const session = await openReadSession("staging", { host, port, user, password });
  afterTest(t, () => session.close());
  const schema = await readSchema(session, database);
  return {
    connection,
    propose: (declared: readonly DeclaredReference[], tables?: readonly string[]) =>
      proposeReferences({ session, schema, declared, ...(tables && { tables }) }),
  };
}

function declare(lines: readonly string[]): DeclaredReference[] {
  return lines.map((line) => {
    const parsed = parseReference(line);
    if ("wrong" in parsed) throw new Error(line);
    return parsed;
  });
}

for (const server of servers()) {
  test(`columns, pairs and documents that are called and filled like references are proposed, on ${server.name}`, async (t) => {
    const { propose } = await openRows(t, server);
    const proposals = await propose([]);
    assert.deepEqual(proposals.map(({ line }) => line).toSorted(), EXPECTED);
    const counts = proposals.map(({ line, found, values }) => `${line.split(" ")[0]} ${found} ${values}`);
    assert.ok(counts.includes("audit_logs.data.$.user_ids[*] 4 5"), counts.join("\n"));
    assert.deepEqual(
      proposals.map(({ reference }) => reference),
      declare(proposals.map(({ line }) => line)),
    );
    assert.ok(!JSON.stringify(proposals).includes("Person of interest"));

    assert.deepEqual(await propose(declare(EXPECTED)), [], "what is declared is not proposed");
    const [first = ""] = EXPECTED;
    assert.equal((await propose(declare([first]))).length, EXPECTED.length - 1);
  });

  test(`with the tables of preserved rows, the lines that hang on these alone are proposed, on ${server.name}`, async (t) => {
    const { propose } = await openRows(t, server);
    const lines = async (...tables: string[]) => (await propose([], tables)).map(({ line }) => line).toSorted();
    assert.deepEqual(await lines("countries"), ["cities.country_code → countries.code"]);
    assert.deepEqual(await lines("cities"), ["cities.country_code → countries.code"]);
    assert.deepEqual(
      await lines("companies"),
      EXPECTED.filter((line) => !line.startsWith("cities")),
    );
  });
}
