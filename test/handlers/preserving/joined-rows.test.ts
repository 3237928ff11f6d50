// Rows that staging's server joins into one text of a megabyte arrive whole where they do not fit into it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

const TABLES = `CREATE TABLE companies (id INT PRIMARY KEY, is_demo TINYINT NOT NULL, name VARCHAR(20) NOT NULL) CHARACTER SET utf8mb4;
CREATE TABLE notes (id INT PRIMARY KEY, company_id INT NOT NULL, body TEXT CHARACTER SET utf8mb4 NOT NULL,
  FOREIGN KEY (company_id) REFERENCES companies (id));
CREATE TABLE digits (n INT PRIMARY KEY);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO companies SELECT 1 + a.n + 10 * b.n, 1, CONCAT('company ', a.n + 10 * b.n) FROM digits a JOIN digits b;
`;
const NUMBERS = "SELECT a.n + 10 * b.n + 100 * c.n AS n FROM digits a JOIN digits b JOIN digits c";

/** Each makes notes of more than a megabyte, as the server writes them. */
const CASES = {
  "of many parents": `SELECT n + 1, 1 + n % 100, REPEAT('''', 3000) FROM (${NUMBERS}) numbers WHERE n < 500`,
  "of one parent": `SELECT n + 1, 1, CONCAT(n, REPEAT('x', 3000)) FROM (${NUMBERS}) numbers WHERE n < 500`,
  // In a literal its end looks much the same, as do the quotes within.
  "with seams of rows in their texts": `SELECT n + 1, 1 + n % 100, CONCAT(n, REPEAT('),(x\\'00\\',1', 300), '),(x')
    FROM (${NUMBERS}) numbers WHERE n < 500`,
  // Four parents whose texts begin at every place in a character of four bytes.
  "of characters of four bytes": `SELECT n + 1, 1 + n DIV 100,
    CONCAT(IF(n % 100 = 0, REPEAT('y', n DIV 100), ''), REPEAT(CONVERT(x'F09F9880' USING utf8mb4), 4000))
    FROM (${NUMBERS}) numbers WHERE n < 400`,
};

for (const server of servers()) {
  for (const [name, notes] of Object.entries(CASES)) {
    test(`rows ${name} that fill more than one text arrive whole, on ${server.name}`, async (t) => {
      const staging = `${TABLES}INSERT INTO notes ${notes};\n`;
      const copy = `${TABLES}UPDATE companies SET is_demo = 0;\n`;
      const world = await openWorld(t, { staging: server, copy: server }, { staging, copy });
      const plan = await world.plan([{ table: "companies", where: "is_demo = 1" }]);
      await world.carry(plan);
      await world.prove(plan);
      const told = `SELECT c.name, n.id, SHA2(n.body, 256) FROM notes n JOIN companies c ON c.id = n.company_id WHERE c.is_demo = 1 ORDER BY 2`;
      const before = await rowsOf(world.staging, told);
      const [isMore] = await rowsOf(world.staging, "SELECT SUM(LENGTH(QUOTE(body))) > 1024 * 1024 FROM notes");
      assert.deepEqual(isMore, [1], "they would fit into one text");
      assert.deepEqual(await rowsOf(world.copy, told), before);
    });
  }
}
