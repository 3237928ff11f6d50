// A dump's statements: where each begins and ends, and what it may run beside.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type DumpStatement, dumpStatements } from "../../../../deploy/local/sql-admin/dump-statements.ts";
import { mustWait } from "../../../../deploy/local/sql-admin/must-wait.ts";
import { effectOf, type StatementEffect } from "../../../../deploy/local/sql-admin/statement-effect.ts";

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");
const QUOTED = EVERY_BYTE.replaceAll(/[\\']/g, "\\$&");
/** As a file, and what is in it. */
const DUMP = `-- MariaDB dump; of 'one'
/*M!999999\\- enable the sandbox mode */
/* a comment; of two
lines */
/*!40101 SET NAMES utf8mb4 */;
# another
CREATE TABLE \`a;b\` (id INT);
INSERT INTO \`a;b\` VALUES (1,'${QUOTED}'),
(2,"; -- ''");
DELIMITER ;;
CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END;;
DELIMITER ;
SET sql_mode = 'NO_BACKSLASH_ESCAPES';
CREATE VIEW v AS SELECT '\\';
SELECT 1;
-- Dump completed`;
const STATEMENTS: readonly (readonly [line: number, begin: string, bytes: number])[] = [
  [5, "/*!40101 SET NAMES utf8mb4 */", 29],
  [7, "CREATE TABLE `a;b` (id INT)", 27],
  [8, "INSERT INTO `a;b` VALUES (1,'\0", 304],
  [12, "CREATE TRIGGER t", 82],
  [14, "SET sql_mode", 37],
  [15, "CREATE VIEW v AS SELECT '\\'", 27],
  [16, "SELECT 1", 8],
];

async function read(dump: string, cuts: readonly number[] = []): Promise<DumpStatement[]> {
  const bytes = Buffer.from(dump, "latin1");
  async function* pieces() {
    for (const [i, cut] of [...cuts, bytes.length].entries()) yield bytes.subarray(cuts[i - 1] ?? 0, cut);
  }
  const statements: DumpStatement[] = [];
  for await (const statement of dumpStatements(pieces())) statements.push(statement);
  return statements;
}

test("statements come one by one with their bytes, wherever the dump is cut into pieces", async () => {
  const whole = await read(DUMP);
  assert.equal(whole.length, STATEMENTS.length);
  for (const [i, [line, begin, bytes]] of STATEMENTS.entries()) {
    assert.deepEqual(
      { line: whole[i]?.line, begin: whole[i]?.source.slice(0, begin.length), bytes: whole[i]?.source.length },
      { line, begin, bytes },
    );
  }
  assert.ok(DUMP.includes(whole[2]?.source ?? "missing"));
  const cuts = fc.array(fc.nat({ max: DUMP.length }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(cuts, async (at) =>
      assert.deepEqual(
        await read(
          DUMP,
          at.toSorted((a, b) => a - b),
        ),
        whole,
      ),
    ),
    { numRuns: 200 },
  );
});

test("a statement that has no end is an error, not a statement", async () => {
  for (const dump of ["SELECT 1;\nDELETE FROM t", "SELECT 'x", "/*!50003 SELECT", "SELECT \\u other;"]) {
    await assert.rejects(read(dump), { message: "A statement of the dump has no end." }, dump);
  }
});

test("what a statement does tells what it may run beside", () => {
  const tableEffect = { on: "table", table: "t", parents: [], keys: [] } as const;
  const toUsA = { table: "u", column: "a" };
  const cases: readonly (readonly [string, StatementEffect])[] = [
    ["INSERT INTO `T` VALUES (1)", { on: "rows", table: "t" }],
    ["INSERT IGNORE INTO `db`.`T` (`a`) VALUES (1)", { on: "rows", table: "t" }],
    ["REPLACE INTO t VALUES (1)", { on: "rows", table: "t" }],
    ["INSERT INTO t SELECT 1", { on: "anything" }],
    ["/*!40101 SET @saved = @@character_set_client */", { on: "session" }],
    ["SET @OLD = @@SQL_MODE", { on: "session" }],
    ["SET @OLD=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO'", { on: "session", backslashEscapes: true }],
    ["SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'", { on: "session", backslashEscapes: false }],
    ["USE `x`", { on: "session" }],
    ["set autocommit=0", { on: "nothing" }],
    ["LOCK TABLES `t` WRITE", { on: "nothing" }],
    ["UNLOCK TABLES", { on: "nothing" }],
    ["commit", { on: "nothing" }],
    ["START TRANSACTION", { on: "nothing" }],
    ["", { on: "nothing" }],
    ["DROP TABLE IF EXISTS `t`", tableEffect],
    ["/*!50001 DROP TABLE IF EXISTS `t`*/", tableEffect],
    ["DROP TABLE a, b", { on: "anything" }],
    ["CREATE TABLE IF NOT EXISTS db.`T` (a INT)", tableEffect],
    ["CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES `U` (`a`, b))", { ...tableEffect, parents: [toUsA] }],
    ["CREATE TABLE t (a INT COMMENT 'REFERENCES u (a)')", tableEffect],
    ["CREATE TABLE t LIKE u", { on: "anything" }],
    ["CREATE TABLE t (a INT) SELECT 1 AS a", { on: "anything" }],
    ["ALTER TABLE `t` ADD KEY `k` (`B`,c),\n  ADD UNIQUE KEY (d(20))", { ...tableEffect, keys: ["b", "d", "20"] }],
    [
      "ALTER TABLE t ADD CONSTRAINT `f` FOREIGN KEY (`b`) REFERENCES `db`.`u` (`a`) ON DELETE CASCADE",
      { ...tableEffect, keys: ["b"], parents: [toUsA] },
    ],
    ["CREATE TABLE t (a INT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", { ...tableEffect, makesInnoDb: true }],
    ["CREATE TABLE t (a INT COMMENT 'ENGINE=InnoDB') ENGINE=MyISAM", tableEffect],
    ["/*!40000 ALTER TABLE `t` DISABLE KEYS */", { ...tableEffect, switchesKeys: true }],
    ["ALTER TABLE t RENAME TO u", { on: "anything" }],
    ["CREATE VIEW v AS SELECT 1", { on: "anything" }],
    ["CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a = 1", { on: "anything" }],
    ["SELECT SLEEP(1)", { on: "anything" }],
  ];
  for (const [source, effect] of cases) assert.deepEqual(effectOf(source, true), effect, source);
});

test("a statement waits for those before it that it could not do without", () => {
  const [parent, parentsKey] = ["CREATE TABLE p (id INT PRIMARY KEY, code INT)", "ALTER TABLE p ADD UNIQUE KEY (code)"];
  const cases: readonly (readonly [next: string, before: string, waits: boolean])[] = [
    ["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)", false],
    ["INSERT INTO t VALUES (1)", "CREATE TABLE t (id INT)", true],
    ["INSERT INTO t VALUES (1)", "CREATE TABLE u (id INT)", false],
    ["INSERT INTO t VALUES (1)", "ALTER TABLE u ADD KEY (id)", false],
    ["ALTER TABLE t ADD KEY (id)", "INSERT INTO t VALUES (1)", true],
    ["CREATE TABLE t (id INT)", "DROP TABLE IF EXISTS t", true],
    ["CREATE TABLE t (id INT)", "ALTER TABLE u ADD KEY (id)", false],
    ["ALTER TABLE t ADD KEY (id)", "ALTER TABLE u ADD KEY (id)", false],
    ["CREATE TABLE c (id INT, FOREIGN KEY (id) REFERENCES p (id))", parent, true],
    ["CREATE TABLE c (id INT, FOREIGN KEY (id) REFERENCES p (id))", parentsKey, false],
    ["CREATE TABLE c (code INT, FOREIGN KEY (code) REFERENCES p (code))", parentsKey, true],
    ["ALTER TABLE c ADD KEY (id), ADD FOREIGN KEY (id) REFERENCES p (id)", parentsKey, true],
    [parent, "ALTER TABLE c ADD FOREIGN KEY (id) REFERENCES p (id)", true],
    ["CREATE VIEW v AS SELECT 1", "INSERT INTO t VALUES (1)", true],
    ["INSERT INTO t VALUES (1)", "CREATE VIEW v AS SELECT 1", true],
  ];
  for (const [next, before, waits] of cases)
    assert.equal(mustWait(effectOf(next, true), effectOf(before, true)), waits, `${next} after ${before}`);
});
