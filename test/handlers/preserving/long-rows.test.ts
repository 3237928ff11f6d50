// Rows that a server cannot put together whole: what can be carried is checked all the same; what cannot is refused, and never taken for NULL.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestMySql } from "../../support/real-mysql.ts";
import { servers, startTestServer } from "../../support/servers.ts";
import { openWorld } from "./world.ts";

const TEXTS = Array.from({ length: 10 }, (_, i) => `t${i}`);
const SCHEMA = `
CREATE TABLE notes (id INT PRIMARY KEY, demo INT, ${TEXTS.map((name) => `${name} VARCHAR(1000)`).join(", ")}) CHARACTER SET latin1;
CREATE TABLE wide (id INT PRIMARY KEY, demo INT, text VARCHAR(12000)) CHARACTER SET latin1;
CREATE TABLE raw (id INT PRIMARY KEY, demo INT, bytes VARBINARY(12000));
`;
const filled = (text: string) => TEXTS.map(() => `REPEAT('${text}', 250)`).join(", ");

for (const { name } of servers()) {
  test(`what is too long for the server to put together is carried and proven, or refused, on ${name}`, async (t) => {
    // A server of its own: the limit holds for every session that is opened on it.
    const server = name.startsWith("MariaDB")
      ? (await startTestServer(t)).test
      : await startTestMySql(t, name === "MySQL 9.7" ? "9.7" : "5.6");
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${SCHEMA}INSERT INTO notes VALUES (1, 1, ${filled("demo")});
          INSERT INTO wide VALUES (1, 1, REPEAT('demo', 3000));\nINSERT INTO raw VALUES (1, 1, REPEAT('demo', 3000));\n`,
        copy: `${SCHEMA}INSERT INTO notes VALUES (1, 0, ${filled("mask")});\nINSERT INTO wide VALUES (1, 0, REPEAT('mask', 3000));\n`,
      },
    );
    const planOf = (table: string) => world.plan([{ table, where: "demo = 1" }]);
    const plan = await planOf("notes");
    await world.copy.query("SET GLOBAL max_allowed_packet = 16384");
    assert.equal(await world.carry(plan), "finished", "the row's values in hexadecimal digits are 20,000");
    assert.equal((await world.prove(plan)).rows, 1);
    await world.copy.query("UPDATE notes SET t9 = 'short' WHERE demo = 0");
    await assert.rejects(world.prove(plan), {
      code: "PRESERVE_PROOF_FAILED",
      message: /production's 1 rows of `notes`/,
    });

    // Neither is a long value alone taken for NULL, though its bytes in hexadecimal digits would be too long for the server.
    await world.copy.query(`DROP DATABASE ${world.workDatabase}`);
    const wide = await planOf("wide");
    await world.carry(wide);
    await world.copy.query("UPDATE wide SET text = REPEAT('kept', 3000) WHERE demo = 0");
    await assert.rejects(world.prove(wide), {
      code: "PRESERVE_PROOF_FAILED",
      message: /production's 1 rows of `wide`/,
    });

    await world.copy.query(`DROP DATABASE ${world.workDatabase}`);
    await assert.rejects(world.carry(await planOf("raw")), { code: "PRESERVE_REFUSED" });
  });
}
