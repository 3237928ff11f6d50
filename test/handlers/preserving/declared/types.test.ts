// Declared references by ids of other types, between columns of other collations, in columns of type JSON, to many parents.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReference } from "../../../../contracts/declared-reference.ts";
import { servers } from "../../../support/servers.ts";
import { openWorld, rowsOf } from "../world.ts";

function references(...lines: string[]) {
  return lines.map((line) => {
    const parsed = parseReference(line);
    assert.ok(!("wrong" in parsed), line);
    return parsed;
  });
}

const TAKEN = "0b0e2f3c-1111-4222-8333-444455556666";
const FREE = "ffffffff-1111-4222-8333-444455556666";
const bytes = (uuid: string) => `X'${uuid.replaceAll("-", "")}'`;

const UUIDS = `
CREATE TABLE companies (id CHAR(36) CHARACTER SET latin1 PRIMARY KEY, demo INT NOT NULL DEFAULT 0);
CREATE TABLE users (id BINARY(16) PRIMARY KEY, company_id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, demo INT NOT NULL DEFAULT 0);
CREATE TABLE files (nr INT PRIMARY KEY, owner BINARY(16) NULL, kind ENUM('user', 'file') NOT NULL, path VARCHAR(99) NULL, meta TEXT NULL);
`;

for (const server of servers()) {
  test(`UUIDs in text, bytes, paths and documents follow, between any collations, on ${server.name}`, async (t) => {
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${UUIDS}
INSERT INTO companies VALUES ('${TAKEN}', 1), ('${FREE}', 1);
INSERT INTO users VALUES (${bytes(TAKEN)}, '${TAKEN}', 1), (${bytes(FREE)}, '${FREE}', 1);
INSERT INTO files VALUES (1, ${bytes(TAKEN)}, 'user', '/c/${TAKEN}/x', '{"c": ["${TAKEN}", "${FREE}"]}'), (2, ${bytes(TAKEN)}, 'file', '/c/${TAKEN}', NULL);\n`,
        copy: `${UUIDS}
INSERT INTO companies VALUES ('${TAKEN}', 0);
INSERT INTO users VALUES (${bytes(TAKEN)}, NULL, 0);\n`,
      },
    );
    const plan = await world.plan([{ table: "companies", where: "demo = 1" }], {
      references: references(
        "users.company_id → companies.id",
        "files.owner → users.id when files.kind = 'user'",
        "files.path containing '/c/{id}/' → companies.id",
        "files.meta.$.c[*] → companies.id",
      ),
    });
    await world.carry(plan);
    await world.prove(plan);
    const story = (database: typeof world.copy) =>
      rowsOf(
        database,
        `SELECT COUNT(*) FROM files f JOIN users u ON u.id = f.owner JOIN companies c ON c.id = CONVERT(u.company_id USING latin1)
         WHERE c.demo = 1 AND f.path = CONCAT('/c/', c.id, '/x') AND f.meta = CONCAT('{"c": ["', c.id, '", "${FREE}"]}')`,
      );
    assert.deepEqual(await story(world.staging), [[1]]);
    assert.deepEqual(await story(world.copy), [[1]]);
    assert.deepEqual(await rowsOf(world.copy, `SELECT COUNT(*) FROM files f WHERE f.path LIKE '%${TAKEN}%'`), [[0]]);
  });
}

for (const server of servers()) {
  test(`ids in documents of more parents than a search takes follow, on ${server.name}`, async (t) => {
    const json = server.version.startsWith("5.6") ? "TEXT" : "JSON";
    const schema = `
CREATE TABLE companies (id INT PRIMARY KEY, demo INT NOT NULL DEFAULT 0);
CREATE TABLE logs (id INT PRIMARY KEY, data ${json} NULL);
`;
    const ids = Array.from({ length: 150 }, (_, i) => i + 1);
    const logs = (of: readonly number[]) => of.map((i) => `(${i}, '{"company": ${i}, "n": 1.50}')`).join(", ");
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO companies VALUES ${ids.map((i) => `(${i}, ${i > 20 ? 1 : 0})`).join(", ")};\nINSERT INTO logs VALUES ${logs(ids)}, (151, 'null'), (152, '"1"');\n`,
        copy: `${schema}INSERT INTO companies VALUES (21, 0), (150, 0);\n`,
      },
    );
    const plan = await world.plan([{ table: "companies", where: "demo = 1" }], {
      references: references("logs.data.$.company → companies.id"),
    });
    await world.carry(plan, { batchRows: 60 });
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT COUNT(*) FROM logs"), [[130]]);
    const moved =
      "SELECT l.id, c.id FROM logs l JOIN companies c ON REPLACE(CAST(l.data AS CHAR), '}', ',') LIKE CONCAT('%\"company\": ', c.id, ',%') WHERE l.id <> c.id ORDER BY 1";
    assert.deepEqual(await rowsOf(world.copy, moved), [
      [21, 151],
      [150, 152],
    ]);
  });
}

test("ids that no parent can have lead nowhere: they stop the run, or become NULL", async (t) => {
  const [server] = servers();
  assert.ok(server);
  const schema = `
CREATE TABLE companies (id TINYINT UNSIGNED PRIMARY KEY, demo INT NOT NULL DEFAULT 0);
CREATE TABLE logs (id INT PRIMARY KEY, company_id TINYINT UNSIGNED NULL, other VARCHAR(30) NULL, FOREIGN KEY (company_id) REFERENCES companies (id));
`;
  const world = await openWorld(
    t,
    { staging: server, copy: server },
    {
      staging: `${schema}INSERT INTO companies VALUES (1, 1);\nINSERT INTO logs VALUES (1, 1, '1'), (2, 1, '256'), (3, 1, '-1'), (4, 1, 'x'), (5, 1, ''), (6, 1, NULL), (7, 1, '01');\n`,
      copy: `${schema}INSERT INTO companies VALUES (1, 0);\n`,
    },
  );
  const also = { references: references("logs.other → companies.id") };
  const rule = { table: "companies", where: "demo = 1" };
  await assert.rejects(world.carry(await world.plan([rule], also)), {
    code: "PRESERVE_PARENT_MISSING",
    message: /`logs.other` → `companies.id` leads 4 rows/,
  });
  const plan = await world.plan([{ ...rule, parents: "null" }], also);
  await world.carry(plan);
  await world.prove(plan);
  assert.deepEqual(await rowsOf(world.copy, "SELECT other FROM logs ORDER BY id"), [
    ["2"],
    ...Array.from({ length: 3 }, () => [null]),
    [""], // refers to nothing
    ...Array.from({ length: 2 }, () => [null]),
  ]);
});
