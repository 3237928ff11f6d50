// A dump that names another database is refused: its USE would win over the import's target.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError } from "../../../contracts/errors.ts";
import { dumpOf, rewrite } from "./rewriting.ts";

const foreign: [statement: string, database: string, kind: string][] = [
  ["USE production;", "production", "USE"],
  ["USE `production`;", "production", "USE"],
  ["use\tproduction ;", "production", "USE"],
  ["USE/* shop */production;", "production", "USE"],
  ["USE -- shop\nproduction;", "production", "USE"],
  ["USE 'production';", "production", "USE"],
  ['USE "production";', "production", "USE"],
  ["/*!40000 USE production */;", "production", "USE"],
  ["/*!99999 uSE*/ /*M!100000 `production`*/;", "production", "USE"],
  ["/* ; */ USE production;", "production", "USE"],
  ["# it's\nUSE production;", "production", "USE"],
  ["SET @a = 1; USE production;", "production", "USE"],
  ["DELIMITER //\nUSE production//\nDELIMITER ;", "production", "USE"],
  ["USE SHOP;", "SHOP", "USE"],
  ["USE shop_next;", "shop_next", "USE"],
  ["CREATE DATABASE /*!32312 IF NOT EXISTS*/ `production`;", "production", "CREATE DATABASE"],
  ["create schema production;", "production", "CREATE SCHEMA"],
  ["DROP DATABASE IF EXISTS production;", "production", "DROP DATABASE"],
  ["/*!50003 ALTER DATABASE `production` COLLATE utf8mb4_bin */;", "production", "ALTER DATABASE"],
  ["USE information_schema;", "information_schema", "USE"],
  ["DROP TABLE IF EXISTS `t`, `production`.`t`;", "production", "DROP TABLE"],
  ["CREATE TABLE `production`.`t` (a int);", "production", "CREATE TABLE"],
  ["CREATE TABLE t (a int REFERENCES production . t (id));", "production", "CREATE TABLE"],
  ["CREATE TABLE t (a int) ENGINE=MRG_MyISAM UNION=(`a`,`production`.`b`);", "production", "CREATE TABLE"],
  ["/*!40000 ALTER TABLE `production`.`t` DISABLE KEYS */;", "production", "ALTER TABLE"],
  ["LOCK TABLES `t` WRITE, production.t READ;", "production", "LOCK"],
  ["INSERT INTO production.t VALUES (1);", "production", "INSERT"],
  ["REPLACE `production` . `t` VALUES (1);", "production", "INSERT"],
  ["INSERT INTO shop_next.t VALUES (1);", "shop_next", "INSERT"],
  ["CREATE VIEW v AS select 1 from `t`,`production`.`t`;", "production", "CREATE VIEW"],
  ["CREATE VIEW v AS select `production`.`t`.`a` from `t`;", "production", "CREATE VIEW"],
  ["CREATE VIEW v AS select `production`.`f`(1);", "production", "CREATE VIEW"],
  ["CREATE PROCEDURE p() DELETE FROM a USING a JOIN production.b;", "production", "CREATE PROCEDURE"],
  ["CREATE TRIGGER t BEFORE INSERT ON production.t FOR EACH ROW SET NEW.a = 1;", "production", "CREATE TRIGGER"],
  ["CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO UPDATE production.t SET a = 1;", "production", "CREATE EVENT"],
  ["CREATE FUNCTION f() RETURNS INT RETURN (SELECT NEXT VALUE FOR production.s);", "production", "CREATE FUNCTION"],
];

for (const [statement, database, kind] of foreign) {
  test(`refused: ${JSON.stringify(statement)}`, async () => {
    await assert.rejects(rewrite(dumpOf(statement)), (error) => {
      assert.ok(error instanceof FatalError);
      assert.equal(error.code, "DUMP_FOREIGN_DATABASE");
      assert.ok(error.message.includes(`database \`${database}\` in a ${kind} statement`), error.message);
      return true;
    });
  });
}

test("the message says at which line and byte the name stands, and quotes nothing else", async () => {
  const dump = dumpOf("CREATE VIEW v AS\nselect 'ann@example.com'\nfrom production.t;");
  const offset = dump.indexOf("production.t");
  const line = dump.subarray(0, offset).toString().split("\n").length;
  await assert.rejects(rewrite(dump), (error) => {
    assert.ok(error instanceof Error);
    assert.ok(error.message.includes(`at line ${line} (byte ${offset} of`), error.message);
    assert.equal(error.message.includes("ann@example.com"), false);
    return true;
  });
});

const unsupported = [
  "SOURCE other.sql\nSET @a = 1;",
  "source other.sql;",
  "\\u production\n;",
  "SET @a = 1 \\u production\n;",
  "INSERT INTO t VALUES (1) \\u production\n;",
  "system true;",
  "USE shop production;",
  "USE;",
  "DELIMITER '\nUSE production'",
  "DELIMITER a b\nSET @x = 1;",
  "INSERT INTO t SELECT * FROM production.t;",
  "INSERT;",
  "/*!50717 PREPARE s FROM 'USE production' */;",
  "/*!50717 PREPARE s FROM @sql */;",
  "/*!50717 SELECT COUNT(*) INTO @rocksdb FROM production.t */;",
  "PREPARE s FROM @rocksdb_get_is_supported;",
  "GRANT ALL ON *.* TO root;",
  "SELECT 1;",
  "SET NAMES gbk;",
  "CREATE USER u;",
  "/*!50000 DROP USER u */;",
  "ALTER ROLE r;",
  "SET PASSWORD = 'x';",
  "SET DEFAULT ROLE r TO u;",
  "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x');",
];

for (const statement of unsupported) {
  test(`refused as nothing that a dump tool writes: ${JSON.stringify(statement)}`, async () => {
    await assert.rejects(rewrite(dumpOf(statement)), { name: "FatalError", code: "DUMP_UNSUPPORTED_STATEMENT" });
  });
}

test("a sequence is refused: the default of a column would not follow it through a swap", async () => {
  const sequence =
    "CREATE SEQUENCE `s` start with 1 minvalue 1 maxvalue 9223372036854775806 increment by 1 cache 1000 nocycle ENGINE=InnoDB;";
  await assert.rejects(rewrite(dumpOf("DROP SEQUENCE IF EXISTS `s`;", sequence)), {
    name: "FatalError",
    code: "DUMP_HAS_SEQUENCE",
    message: /a sequence at line \d+ \(byte \d+/,
  });
});
