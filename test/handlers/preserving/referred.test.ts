// Production deleted rows and left what referred to them: a preserved row under such an id must not inherit it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReference } from "../../../contracts/declared-reference.ts";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

const SCHEMA = `
CREATE TABLE companies (id INT AUTO_INCREMENT PRIMARY KEY, demo INT NOT NULL);
CREATE TABLE logs (id INT PRIMARY KEY, company_id BIGINT UNSIGNED NULL, what VARCHAR(20));
CREATE TABLE comments (id INT PRIMARY KEY, on_id INT, on_type VARCHAR(20), what VARCHAR(20));
CREATE TABLE users (id INT PRIMARY KEY, company_id INT NULL, FOREIGN KEY (company_id) REFERENCES companies (id));
`;
const REFERENCES = [
  "logs.company_id → companies.id",
  "comments.on_id → companies.id when comments.on_type = 'Company'",
].map((line) => {
  const parsed = parseReference(line);
  assert.ok(!("wrong" in parsed), line);
  return parsed;
});

for (const server of servers()) {
  test(`an id that production's rows still refer to is not kept, on ${server.name}`, async (t) => {
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${SCHEMA}INSERT INTO companies VALUES (3, 1), (4, 1), (5, 1), (6, 1);
INSERT INTO logs VALUES (1, 3, 'demo 3'), (2, 4, 'demo 4');
INSERT INTO comments VALUES (1, 5, 'Company', 'demo 5');
`,
        copy: `${SCHEMA}INSERT INTO companies VALUES (1, 0), (9, 0);
INSERT INTO logs VALUES (7, 3, 'of a deleted one'), (8, 1, 'own');
INSERT INTO comments VALUES (7, 5, 'Company', 'of a deleted one'), (8, 6, 'User', 'on a user');
INSERT INTO users VALUES (7, 4);
`,
      },
    );
    const plan = await world.plan([{ table: "companies", where: "demo = 1" }], { references: REFERENCES });
    await world.carry(plan, { batchRows: 1 });
    await world.prove(plan);
    // 3, 4 and 5 are referred to, by an undeclared reference, a foreign key and one with a condition; 6 by a user's alone.
    assert.deepEqual(
      await rowsOf(world.copy, "SELECT id FROM companies ORDER BY id"),
      [1, 6, 9, 10, 11, 12].map((id) => [id]),
    );
    assert.deepEqual(
      await rowsOf(world.copy, "SELECT what FROM logs JOIN companies c ON c.id = company_id WHERE demo = 1 ORDER BY 1"),
      [["demo 3"], ["demo 4"]],
    );

    await world.copy.query("UPDATE logs SET company_id = 6 WHERE id = 7");
    await world.copy.query("UPDATE comments SET on_type = 'Company' WHERE id = 8");
    await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED" });
  });
}
