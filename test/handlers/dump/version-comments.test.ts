// What servers write into versioned comments of a CREATE TABLE, loaded into servers of the other kind and of other versions.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowDataPacket } from "mysql2";
import { connect, createDatabase, servers } from "../../support/servers.ts";
import { loadWithClient } from "./loading.ts";
import { dumpWithoutUse, rewrite, rewriteStatements } from "./rewriting.ts";

const narrowed: [what: string, statement: string, expected: string][] = [
  [
    "MariaDB's comments are marked as MariaDB's",
    "CREATE TABLE `t` (`a` text /*!100301 COMPRESSED*/ COMMENT '/*!100301 x*/', `b` int /*!80023 INVISIBLE */, `c` text /*M!100301 COMPRESSED*/);",
    "CREATE TABLE `t` (`a` text /*M!100301 COMPRESSED*/ COMMENT '/*!100301 x*/', `b` int /*!80023 INVISIBLE */, `c` text /*M!100301 COMPRESSED*/);",
  ],
  [
    "what NDB alone reads of a column is left out",
    "CREATE TABLE `t` (`storage` int /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT FIXED */ DEFAULT NULL);",
    "CREATE TABLE `t` (`storage` int /*!50606  */ /*!50606  */ DEFAULT NULL);",
  ],
  [
    "the ngram parser is asked for where there is one; another parser stays to be missed",
    "CREATE TABLE `t` (FULLTEXT KEY `a` (`a`) /*!50100 WITH PARSER `ngram` */ , FULLTEXT KEY `b` (`b`) /*!50100 WITH PARSER `mecab` */ );",
    "CREATE TABLE `t` (FULLTEXT KEY `a` (`a`) /*!50706 WITH PARSER `ngram` */ , FULLTEXT KEY `b` (`b`) /*!50100 WITH PARSER `mecab` */ );",
  ],
  [
    "a check that is not enforced lets all pass on MariaDB",
    "CREATE TABLE `t` (`a` int, CONSTRAINT `c` CHECK ((`a` > 1)) /*!80016 NOT ENFORCED */, CONSTRAINT `d` CHECK ((`a` < 9)));",
    "CREATE TABLE `t` (`a` int, CONSTRAINT `c` CHECK ((`a` > 1) /*M! OR TRUE */) /*!80016 NOT ENFORCED */, CONSTRAINT `d` CHECK ((`a` < 9)));",
  ],
];
for (const [what, statement, expected] of narrowed) {
  test(`rewrites: ${what}`, async () => {
    assert.equal(await rewriteStatements(statement), expected);
  });
}

test("only a CREATE TABLE is changed: elsewhere servers write no such comments", async () => {
  const view = "CREATE VIEW v AS select 1 /*!100301 + 1 */ AS `storage`;";
  assert.equal(await rewriteStatements(view), view);
});

const OPTIONS = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";

/** With a row that each server holds. Those that a server cannot make are no case of its dumps. */
const TABLES = {
  compressed: ["(id INT, note TEXT COMPRESSED)", "(1, 'words')"],
  cluster: ["(id INT STORAGE DISK COLUMN_FORMAT FIXED, note TEXT COLUMN_FORMAT DYNAMIC)", "(1, 'words')"],
  parsed: ["(id INT PRIMARY KEY, note TEXT, FULLTEXT KEY words (note) WITH PARSER ngram)", "(1, 'words')"],
  unchecked: ["(id INT, n INT, KEY by_n (n), CONSTRAINT c CHECK (n > 5) NOT ENFORCED)", "(1, 1)"],
} as const;

for (const source of servers()) {
  test(`what ${source.name} writes into versioned comments loads on every server`, async (t) => {
    const connection = await connect(t, source, await createDatabase(t, source, "source"));
    const statements: string[] = [];
    for (const [name, [body, row]] of Object.entries(TABLES)) {
      const table = await connection.query(`CREATE TABLE ${name} ${body} ${OPTIONS}`).catch(() => undefined);
      if (!table) continue;
      const [made] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE ${name}`);
      statements.push(`${String(made[0]?.["Create Table"])};`, `INSERT INTO \`${name}\` VALUES ${row};`);
    }
    assert.ok(statements.length > 0);
    for (const target of servers()) {
      const database = await createDatabase(t, target, "target");
      const { bytes, outcome } = await rewrite(dumpWithoutUse(...statements), { to: database, laterKeysFromBytes: 1 });
      await loadWithClient(target, bytes);
      const loaded = await connect(t, target, database);
      for (const table of outcome.tables) {
        const [rows] = await loaded.query<RowDataPacket[]>(`SELECT id FROM \`${table}\``);
        assert.deepEqual(rows, [{ id: 1 }], `${table}: ${source.name} → ${target.name}`);
      }
    }
  });
}
