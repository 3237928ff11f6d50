// What comes along with the rows of a rule: `follow`, several rules together, and graphs that lead back to where they began.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

const SCHEMA = `
CREATE TABLE companies (id INT PRIMARY KEY, demo INT NOT NULL DEFAULT 0, main_id INT NULL);
CREATE TABLE users (id INT PRIMARY KEY, company_id INT NULL, boss_id INT NULL, name VARCHAR(9) NULL, FOREIGN KEY (company_id) REFERENCES companies (id), FOREIGN KEY (boss_id) REFERENCES users (id));
ALTER TABLE companies ADD FOREIGN KEY (main_id) REFERENCES users (id);
CREATE TABLE posts (id INT PRIMARY KEY, user_id INT NOT NULL, FOREIGN KEY (user_id) REFERENCES users (id));
CREATE TABLE likes (post_id INT NOT NULL, user_id INT NOT NULL, PRIMARY KEY (post_id, user_id),
  FOREIGN KEY (post_id) REFERENCES posts (id), FOREIGN KEY (user_id) REFERENCES users (id));
`;

/** Two companies in a circle with their users; users 11 and 12 are each other's boss; each user has posts that the other likes. */
const ROWS = `
INSERT INTO companies VALUES (1, 1, 11), (2, 2, NULL);
INSERT INTO users VALUES (11, 1, 12, NULL), (12, 1, 11, NULL), (21, 2, NULL, NULL), (31, NULL, 31, 'lonely');
INSERT INTO posts VALUES (111, 11), (112, 12), (211, 21), (311, 31);
INSERT INTO likes VALUES (111, 11), (111, 12), (112, 11), (211, 21), (311, 31);
`;

/** Production has taken some of the ids. Post 211 is one that staging has too: a reference to it may stay. */
const TAKEN = `
INSERT INTO companies VALUES (1, 0, NULL);
INSERT INTO users VALUES (11, 1, NULL, NULL), (31, NULL, NULL, NULL);
INSERT INTO posts VALUES (112, 31), (211, 11);
`;

const first = { table: "companies", where: "demo = 1" };
const second = { table: "companies", where: "demo = 2" };
const lonely = { table: "users", where: "name = 'lonely'" };

/** By table: how many rows each set of rules brings. */
const cases: readonly {
  readonly says: string;
  readonly rules: readonly PreserveRule[];
  readonly rows: Readonly<Record<string, number>>;
}[] = [
  {
    says: "children to any depth, each once however it is reached",
    rules: [first],
    rows: { companies: 1, users: 2, posts: 2, likes: 3 },
  },
  { says: "no children where they are told to", rules: [{ ...second, follow: "none" }], rows: { companies: 1 } },
  {
    says: "some tables, through them only",
    rules: [{ ...second, follow: ["users", "likes"] }],
    rows: { companies: 1, users: 1, likes: 1 },
  },
  {
    says: "no table of the list that is reached through none of it",
    rules: [{ ...second, follow: ["posts"] }],
    rows: { companies: 1 },
  },
  { says: "what refers to itself, once", rules: [{ ...lonely, follow: ["users"] }], rows: { users: 1 } },
  {
    says: "what each of them follows",
    rules: [
      { ...second, follow: ["users"] },
      { ...lonely, follow: ["posts"] },
    ],
    rows: { companies: 1, users: 2, posts: 1 },
  },
  {
    says: "a row's children by the second rule that brings it too",
    rules: [
      { ...second, follow: "none" },
      { ...second, follow: ["users", "posts"] },
    ],
    rows: { companies: 1, users: 1, posts: 1 },
  },
  {
    says: "what another rule follows from the same row",
    rules: [
      { ...second, follow: ["users"] },
      { ...second, follow: "none" },
      { table: "users", where: "company_id = 2", follow: ["posts"] },
    ],
    rows: { companies: 1, users: 1, posts: 1 },
  },
  {
    says: "nothing for a rule without a condition",
    rules: [
      { ...second, follow: "none" },
      { table: "posts", parents: "carry" },
    ],
    rows: { companies: 1 },
  },
];

for (const server of servers()) {
  test(`rules carry what they say, on ${server.name}`, async (t) => {
    const scripts = { staging: SCHEMA + ROWS, copy: SCHEMA + TAKEN };
    const world = await openWorld(t, { staging: server, copy: server }, scripts);
    const tables = ["companies", "users", "posts", "likes"];
    for (const { says, rules, rows } of cases) {
      await t.test(says, async () => {
        const plan = await world.plan(rules);
        await world.carry(plan, { batchRows: 1 });
        const { perTable } = await world.prove(plan);
        const counted = Object.fromEntries(perTable.flatMap(({ table, rows: n }) => (n === 0 ? [] : [[table, n]])));
        assert.deepEqual(counted, rows);
      });
      await world.copy.query(`DROP DATABASE ${world.workDatabase}`);
      for (const table of tables) await world.copy.query(`DELETE FROM ${table}`);
      for (const sql of TAKEN.split(/;\n/)) if (sql.trim() !== "") await world.copy.query(sql);
    }
  });
}

/** Circles of which no column can be NULL: teams and their leads, and roots that are their own parents. */
const STRICT = `
CREATE TABLE teams (id INT PRIMARY KEY, lead_id INT NOT NULL, demo INT NOT NULL DEFAULT 0);
CREATE TABLE people (id INT PRIMARY KEY, team_id INT NOT NULL, node_id INT NOT NULL, FOREIGN KEY (team_id) REFERENCES teams (id));
ALTER TABLE teams ADD FOREIGN KEY (lead_id) REFERENCES people (id);
CREATE TABLE nodes (id INT PRIMARY KEY, up INT NOT NULL, team_id INT NOT NULL, FOREIGN KEY (up) REFERENCES nodes (id), FOREIGN KEY (team_id) REFERENCES teams (id));
ALTER TABLE people ADD FOREIGN KEY (node_id) REFERENCES nodes (id);
`;
const STRICT_ROWS = `
INSERT INTO teams VALUES (1, 2, 1);
INSERT INTO people VALUES (1, 1, 1), (2, 1, 2);
INSERT INTO nodes VALUES (1, 1, 1), (2, 1, 1);
`;
const STRICT_TAKEN = `
INSERT INTO teams VALUES (1, 1, 0);
INSERT INTO people VALUES (1, 1, 1);
INSERT INTO nodes VALUES (1, 1, 1);
`;

for (const server of servers()) {
  test(`circles and self-references lead to the rows that they led to, on ${server.name}`, async (t) => {
    const scripts = { staging: SCHEMA + ROWS + STRICT + STRICT_ROWS, copy: SCHEMA + TAKEN + STRICT + STRICT_TAKEN };
    const world = await openWorld(t, { staging: server, copy: server }, scripts);
    const plan = await world.plan([first, lonely, { table: "teams", where: "demo = 1" }]);
    await world.carry(plan, { batchRows: 1 });
    await world.prove(plan);
    const own = (sql: string) => rowsOf(world.copy, sql);
    assert.deepEqual(await own("SELECT id, main_id FROM companies WHERE demo = 1"), [[2, 33]]);
    assert.deepEqual(await own("SELECT id, company_id, boss_id FROM users WHERE id NOT IN (11, 31) ORDER BY id"), [
      [12, 2, 33],
      [32, null, 32],
      [33, 2, 12],
    ]);
    const likes = "SELECT p.id, p.user_id, l.user_id FROM posts p JOIN likes l ON l.post_id = p.id ORDER BY 1, 3";
    assert.deepEqual(await own(likes), [
      [111, 33, 12],
      [111, 33, 33],
      [311, 32, 32],
      [312, 12, 33],
    ]);
    assert.deepEqual(await own("SELECT id, lead_id FROM teams ORDER BY id"), [
      [1, 1],
      [2, 2],
    ]);
    assert.deepEqual(await own("SELECT * FROM people ORDER BY id"), [
      [1, 1, 1],
      [2, 2, 2],
      [3, 2, 3],
    ]);
    assert.deepEqual(await own("SELECT * FROM nodes ORDER BY id"), [
      [1, 1, 1],
      [2, 3, 2],
      [3, 3, 2],
    ]);
    // With its checks on, the server looks at every row of a table that gets a foreign key.
    await world.copy.query("SET foreign_key_checks = 1");
    for (const [table, column, parent] of [
      ["companies", "main_id", "users"],
      ["users", "boss_id", "users"],
      ["teams", "lead_id", "people"],
      ["people", "team_id", "teams"],
      ["nodes", "up", "nodes"],
    ])
      await world.copy.query(`ALTER TABLE ${table} ADD FOREIGN KEY (${column}) REFERENCES ${parent} (id)`);
  });
}

for (const server of servers()) {
  test(`keys of bytes that are no text are told apart, on ${server.name}`, async (t) => {
    const schema = `CREATE TABLE companies (id BINARY(16) PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE users (id INT PRIMARY KEY, company_id BINARY(16) NOT NULL, FOREIGN KEY (company_id) REFERENCES companies (id));\n`;
    const [one, other] = ["80", "81"].map((end) => `X'018f3c5a7b2e7c41a0b1c2d3e4f5ff${end}'`);
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO companies VALUES (${one}, 1), (${other}, 1);
          INSERT INTO users VALUES (1, ${one}), (2, ${other});\n`,
        copy: schema,
      },
    );
    const plan = await world.plan([{ table: "companies", where: "demo = 1" }]);
    await world.carry(plan);
    assert.equal((await world.prove(plan)).rows, 4);
  });
}
