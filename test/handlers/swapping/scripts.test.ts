// SQL files that run on the new data before staging gets it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { splitStatements } from "../../../handlers/dump/index.ts";
import { runScripts } from "../../../handlers/swapping/index.ts";
import { servers } from "../../support/servers.ts";
import { openStaging } from "./staging.ts";

test("a file is split as the mysql client splits it", () => {
  const file = [
    "-- a comment; with a semicolon",
    "UPDATE users SET note = 'a;b', `odd;name` = 1; DELETE FROM hooks",
    "  WHERE url LIKE '%;%' /* ; */;",
    "/* for the; client */ -- and",
    "# more",
    "DELIMITER //",
    "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//",
    "delimiter ;",
    "INSERT INTO 名 VALUES ('é;')",
  ].join("\n");
  const UPDATE = "UPDATE users SET note = 'a;b', `odd;name` = 1";
  assert.deepEqual(splitStatements(file), [
    { line: 2, verb: "UPDATE", sql: `${file.split("\n")[0]}\n${UPDATE}` },
    { line: 2, verb: "DELETE", sql: "DELETE FROM hooks\n  WHERE url LIKE '%;%' /* ; */" },
    { line: 7, verb: "CREATE", sql: "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END" },
    { line: 9, verb: "INSERT", sql: "INSERT INTO 名 VALUES ('é;')" },
  ]);
  assert.deepEqual(splitStatements("-- nothing\n/* here */ ;;\n"), []);
});

for (const server of servers()) {
  test(`scripts change the next data, under either name, and the live data never, on ${server.name}`, async (t) => {
    const users = ["CREATE TABLE users (id INT PRIMARY KEY, mail INT)", "INSERT INTO users VALUES (1, 1), (2, 1)"];
    const staging = await openStaging(t, server, { live: users, next: users });
    const { session, live, next } = staging;
    const script = {
      file: "after/mail-off.sql",
      sql: `UPDATE users SET mail = 0 WHERE id = 1;\nUPDATE \`${live}\`.users SET mail = 0 WHERE id = 2;\nALTER TABLE users ADD extra INT NULL;`,
    };
    await runScripts(session, [script], { live, database: next });
    const mails = async (database: string) =>
      (await staging.rows(`SELECT mail FROM \`${database}\`.users ORDER BY id`)).map(
        (row) => (row as { mail: number }).mail,
      );
    assert.deepEqual(await mails(next), [0, 0]);
    assert.deepEqual(await mails(live), [1, 1]);
  });

  test(`a statement that is refused is told by file, line and error, without its values, on ${server.name}`, async (t) => {
    const staging = await openStaging(t, server, { live: [], next: ["CREATE TABLE users (id INT PRIMARY KEY)"] });
    const { session, live, next } = staging;
    const run = (sql: string) => runScripts(session, [{ file: "fix.sql", sql }], { live, database: next });
    await assert.rejects(
      run("SELECT 1;\n\nINSERT INTO users VALUES (1), (1), ('secret@example.com');"),
      (error: Error) => {
        assert.match(error.message, /`fix\.sql`, line 3: the server refuses the INSERT with error \d+ \(ER_\w+\)/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
    await assert.rejects(run("USE mysql;"), { code: "AFTER_USE", message: /`fix\.sql`, line 1/ });
    await assert.rejects(run("UPDATE users SET id = 'never closed;"), { code: "AFTER_FAILED" });
  });
}
