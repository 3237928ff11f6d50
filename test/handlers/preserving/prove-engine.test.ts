// What only the engine itself could have done wrong: it stands in the work tables and in the copy alike, and the proof finds it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReference } from "../../../contracts/declared-reference.ts";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

const SCHEMA = `
CREATE TABLE companies (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL UNIQUE, demo INT NOT NULL);
CREATE TABLE users (id INT PRIMARY KEY, company_id INT NOT NULL, name VARCHAR(9) NOT NULL UNIQUE, FOREIGN KEY (company_id) REFERENCES companies (id));
CREATE TABLE tags (company_id INT NOT NULL, name VARCHAR(9) NOT NULL, nr INT NULL, UNIQUE KEY tag (name(4)), UNIQUE KEY nr (nr),
  FOREIGN KEY (company_id) REFERENCES companies (id));
CREATE TABLE logs (id INT PRIMARY KEY, company_id INT NULL, name VARCHAR(9) NOT NULL);
`;
const STAGING = `${SCHEMA}
INSERT INTO companies VALUES (1, 'demo', 1), (2, 'ACME', 1), (9, 'other', 0);
INSERT INTO users VALUES (1, 1, 'ann'), (2, 2, 'bob'), (3, 9, 'eve');
INSERT INTO tags VALUES (1, 'blue', 5), (1, 'none', NULL);
INSERT INTO logs VALUES (1, 1, 'new');
`;
/** Somebody deleted company 3, and its log is still there. */
const COPY = `${SCHEMA}
CREATE TABLE plans (id INT PRIMARY KEY);
ALTER TABLE users ADD plan_id INT NOT NULL DEFAULT 5, ADD CONSTRAINT users_plan FOREIGN KEY (plan_id) REFERENCES plans (id);
INSERT INTO plans VALUES (5);
INSERT INTO companies VALUES (1, 'own', 0), (7, 'acme', 0), (9, 'other', 0);
INSERT INTO users VALUES (1, 1, 'tim', 5);
INSERT INTO tags VALUES (7, 'reds', 6), (7, 'nil', NULL);
INSERT INTO logs VALUES (1, 3, 'old');
`;

interface Wrong {
  readonly what: string;
  readonly table: string;
  readonly column: string;
  readonly row: string;
  readonly value: string;
  readonly says: RegExp;
  /** Of the row in the copy; the rest is done in both. */
  readonly only?: "work" | "copy";
}

const wrongs: readonly Wrong[] = [
  {
    what: "a foreign key leads to another row",
    ...{ table: "users", column: "company_id", row: "ann", value: "1" },
    says: /1 references by `users.company_id` lead to no row or to a wrong one/,
  },
  {
    what: "a foreign key to a row that stayed behind leads to another",
    ...{ table: "users", column: "company_id", row: "eve", value: "7" },
    says: /1 references by `users.company_id` lead to no row or to a wrong one/,
  },
  {
    what: "two rows share a unique key",
    ...{ table: "users", column: "name", row: "bob", value: "TIM" },
    says: /1 rows of `users` share the unique key `name` with preserved ones/,
  },
  {
    what: "two rows share a unique key over the beginning of a text",
    ...{ table: "tags", column: "name", row: "blue", value: "Reds too" },
    says: /rows of `tags` share the unique key `tag`, 1 values in all/,
  },
  {
    what: "two rows share a unique key in a table without a primary key",
    ...{ table: "tags", column: "nr", row: "blue", value: "6" },
    says: /rows of `tags` share the unique key `nr`, 1 values in all/,
  },
  {
    what: "production's row that stands for staging's is another",
    ...{ table: "companies", column: "id", row: "ACME", value: "1", only: "work" },
    says: /of 1 rows of `companies` that production has, 0 are the same there/,
  },
  {
    what: "a default leads nowhere",
    ...{ table: "users", column: "plan_id", row: "ann", value: "6", only: "copy" },
    says: /the default of `users.plan_id` leads 1 rows to no row/,
  },
];

for (const server of servers()) {
  test(`the proof finds what the engine could have done wrong, on ${server.name}`, async (t) => {
    const world = await openWorld(t, { staging: server, copy: server }, { staging: STAGING, copy: COPY });
    const reference = parseReference("logs.company_id → companies.id");
    assert.ok(!("wrong" in reference));
    const match = { match: ["name"], onMatch: { kind: "keep-production" } } as const;
    const rules = [
      { table: "companies", where: "demo = 1", ...match },
      { table: "users", where: "name = 'eve'" },
    ];
    const plan = await world.plan(rules, { references: [reference], isMasked: () => false });
    await world.carry(plan);
    await world.prove(plan);
    const work = (table: string, column: string) => {
      const i = plan.tables.findIndex(({ name }) => name === table);
      const moved = plan.tables[i]?.moving.indexOf(column) ?? -1;
      const place = moved < 0 ? column : `_understudy_moved_${moved}`;
      return { rows: `${world.workDatabase}.preserve_rows_${i}`, place };
    };
    /** In both tables alike. @returns how to undo it */
    const change = async ({ table, column, value, row, only }: Omit<Wrong, "what" | "says">) => {
      const { rows, place } = work(table, column);
      const all = [
        ...(only === "work" ? [] : [{ rows: table, place: column }]),
        ...(only === "copy" ? [] : [{ rows, place }]),
      ];
      const old = await Promise.all(
        all.map((each) => rowsOf(world.copy, `SELECT ${each.place} FROM ${each.rows} WHERE name = '${row}'`)),
      );
      const set = async (i: number, to: unknown, name: string) =>
        world.copy.query(`UPDATE ${all[i]?.rows} SET ${all[i]?.place} = ? WHERE BINARY name = ?`, [to, name]);
      for (const i of all.keys()) await set(i, value, row);
      return async () => {
        for (const [i, was] of old.entries()) await set(i, was.flat()[0], column === "name" ? value : row);
      };
    };
    await world.copy.query("ALTER TABLE users DROP KEY name, ADD KEY (name)");
    await world.copy.query("ALTER TABLE tags DROP KEY tag, DROP KEY nr");
    for (const { says, what, ...wrong } of wrongs) {
      const undo = await change(wrong);
      await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED", message: says }, what);
      await undo();
      await world.prove(plan);
    }
    // As if company 1 had got the free id 3 and not the one past all others.
    await change({ table: "companies", column: "id", row: "demo", value: "3" });
    await change({ table: "users", column: "company_id", row: "ann", value: "3" });
    await change({ table: "logs", column: "company_id", row: "new", value: "3" });
    for (const row of ["blue", "none"]) await change({ table: "tags", column: "company_id", row, value: "3" });
    await assert.rejects(world.prove(plan), {
      code: "PRESERVE_PROOF_FAILED",
      message: /1 rows of production's refer by `logs`.`company_id` to preserved rows of `companies`/,
    });
  });
}
