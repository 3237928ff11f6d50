// What becomes of the statements outside of the rows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dumpOf, dumpWithoutUse, rewrite, rewriteStatements } from "./rewriting.ts";

const rewritten: [what: string, statement: string, expected: string][] = [
  ["USE in any spelling", "uSe\n /* the database */ `shop`;", "uSe\n /* the database */ `shop_next`;"],
  ["USE in a versioned comment", "/*!50000 USE shop */;", "/*!50000 USE `shop_next` */;"],
  [
    "CREATE DATABASE, which is left out with its collation",
    "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;",
    "",
  ],
  ["CREATE OR REPLACE DATABASE, which is left out", "CREATE OR REPLACE DATABASE shop;", ""],
  [
    "a record's field behind USING is no table",
    "CREATE PROCEDURE p() EXECUTE IMMEDIATE 'x' USING r.a, r.b;",
    "CREATE PROCEDURE p() EXECUTE IMMEDIATE 'x' USING r.a, r.b;",
  ],
  [
    "ALTER DATABASE",
    "ALTER DATABASE `shop` CHARACTER SET utf8mb4;",
    "ALTER DATABASE `shop_next` CHARACTER SET utf8mb4;",
  ],
  ["ALTER DATABASE without a name", "ALTER DATABASE CHARACTER SET utf8mb4;", "ALTER DATABASE CHARACTER SET utf8mb4;"],
  ["DROP DATABASE, which is left out", "/*!40000 DROP DATABASE IF EXISTS `shop`*/;", ""],
  [
    "a foreign key that names its database",
    "CREATE TABLE `t` (`a` int, FOREIGN KEY (`a`) REFERENCES `shop`.`users` (`id`));",
    "CREATE TABLE `t` (`a` int, FOREIGN KEY (`a`) REFERENCES `shop_next`.`users` (`id`));",
  ],
  [
    "tables of a view, and not columns of a table that is called as the database",
    "CREATE VIEW v AS select `shop`.`id` AS `id` from (`shop`.`a` `shop` join (`shop`.`b` join `shop`.`c`) on(`shop`.`id` = `c`.`id`)), `shop`.`d` where `shop`.`x` = 1 order by `shop`.`id`,`shop`.`x`;",
    "CREATE VIEW v AS select `shop`.`id` AS `id` from (`shop_next`.`a` `shop` join (`shop_next`.`b` join `shop_next`.`c`) on(`shop`.`id` = `c`.`id`)), `shop_next`.`d` where `shop`.`x` = 1 order by `shop`.`id`,`shop`.`x`;",
  ],
  [
    "names of three parts, and functions, wherever they stand",
    "CREATE VIEW v AS select `shop`.`a`.`id`,`shop`.`f`(`a`.`x`),extract(year from `a`.`y`),shop.a.* from `a` where `shop`.`a`.`x` > 1;",
    "CREATE VIEW v AS select `shop_next`.`a`.`id`,`shop_next`.`f`(`a`.`x`),extract(year from `a`.`y`),`shop_next`.a.* from `a` where `shop_next`.`a`.`x` > 1;",
  ],
  [
    "columns behind ON DUPLICATE KEY UPDATE, REPLACE() and trim(… FROM …) are no tables",
    "DO (SELECT 1);CREATE TRIGGER t AFTER UPDATE ON shop.u FOR EACH ROW INSERT INTO a SELECT replace(u.a, u.b, trim('x' FROM u.c)) FROM u, v ON DUPLICATE KEY UPDATE a.x = u.y, a.z = 2;",
    "DO (SELECT 1);CREATE TRIGGER t AFTER UPDATE ON `shop_next`.u FOR EACH ROW INSERT INTO a SELECT replace(u.a, u.b, trim('x' FROM u.c)) FROM u, v ON DUPLICATE KEY UPDATE a.x = u.y, a.z = 2;",
  ],
  [
    "MariaDB's sequences",
    "CREATE TABLE t (a int DEFAULT nextval(`shop`.`s`));",
    "CREATE TABLE t (a int DEFAULT (nextval(`shop_next`.`s`)));",
  ],
  [
    "heads that name the database",
    "LOCK TABLES `shop`.`a` WRITE, shop.b READ;",
    "LOCK TABLES `shop_next`.`a` WRITE, `shop_next`.b READ;",
  ],
  [
    "names in double quotes, as sql_mode ANSI has them",
    'DROP TABLE IF EXISTS "shop"."a";',
    'DROP TABLE IF EXISTS `shop_next`."a";',
  ],
  [
    "the system's databases stay",
    "CREATE VIEW v AS select 1 from `information_schema`.`TABLES`;",
    "CREATE VIEW v AS select 1 from `information_schema`.`TABLES`;",
  ],
  [
    "DEFINER over several lines",
    "CREATE ALGORITHM=MERGE\n  DEFINER\n  =\n  `o'r;`\n  @ `%`\n  SQL SECURITY\n  DEFINER VIEW `v` AS select 1;",
    "CREATE ALGORITHM=MERGE\n  \n  SQL SECURITY\n  INVOKER VIEW `v` AS select 1;",
  ],
  [
    "DEFINER=CURRENT_USER()",
    "CREATE OR REPLACE DEFINER=CURRENT_USER() VIEW v AS select 1;",
    "CREATE OR REPLACE VIEW v AS select 1;",
  ],
  ["DEFINER without quotes", "ALTER DEFINER=root@db.example.com EVENT e ENABLE;", "ALTER EVENT e ENABLE;"],
  [
    "a column called definer stays",
    "CREATE VIEW v AS select 1 from t where definer = 'x';",
    "CREATE VIEW v AS select 1 from t where definer = 'x';",
  ],
  ["GTID_PURGED over several lines", "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b-c:1-17,\nd-e-f:1-5';", ""],
  [
    "SQL_LOG_BIN",
    "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;SET @@SESSION.SQL_LOG_BIN= 0;SET SQL_LOG_BIN=1;",
    "",
  ],
  ["global variables", "/*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC=OFF */;SET @@global.x:=1;SET @@PERSIST.x=1;", ""],
  [
    "replication",
    "CHANGE MASTER TO MASTER_LOG_FILE='a', MASTER_LOG_POS=4;STOP ALL SLAVES;START REPLICA;CHANGE REPLICATION SOURCE TO SOURCE_LOG_POS=1;",
    "",
  ],
  [
    "session variables stay",
    "/*!40101 SET @OLD=@@GLOBAL.SQL_MODE, SQL_MODE='' */;START TRANSACTION;",
    "/*!40101 SET @OLD=@@GLOBAL.SQL_MODE, SQL_MODE='' */;START TRANSACTION;",
  ],
  [
    "the mode in which rows are loaded lets impossible dates in",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES' */;",
  ],
  [
    "utf8mb4 without a collation, of a table and of a column",
    "CREATE TABLE t (a varchar(9) CHARACTER SET utf8mb4 NOT NULL, b varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, c char(9) AS (cast(a as char(9) charset utf8mb4)), utf8mb4 int) DEFAULT CHARSET=utf8mb4;",
    "CREATE TABLE t (a varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, b varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, c char(9) AS (cast(a as char(9) charset utf8mb4)), utf8mb4 int) DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_general_ci;",
  ],
  [
    "a view's collation that only MySQL 8 or only MariaDB has",
    "/*!50001 SET collation_connection      = utf8mb4_0900_ai_ci */;/*!50001 SET collation_connection = utf8mb4_de_pb_0900_ai_ci */;SET collation_connection = utf8mb4_uca1400_ai_ci;/*!50001 SET collation_connection = @saved_col_connection */;/*!50001 SET collation_connection = utf8mb4_general_ci */;",
    "/*!80000 SET collation_connection = utf8mb4_0900_ai_ci */;/*!80000 SET collation_connection = utf8mb4_de_pb_0900_ai_ci */;/*M!101000 SET collation_connection = utf8mb4_uca1400_ai_ci */;/*!50001 SET collation_connection = @saved_col_connection */;/*!50001 SET collation_connection = utf8mb4_general_ci */;",
  ],
  [
    "text and comments stay",
    "CREATE TABLE t (a int COMMENT 'it''s \\' USE `shop`; DEFINER=`a`@`b`') /* from `shop`.`t` */; -- USE shop;",
    "CREATE TABLE t (a int COMMENT 'it''s \\' USE `shop`; DEFINER=`a`@`b`') /* from `shop`.`t` */; -- USE shop;",
  ],
  [
    "a body in sql_mode NO_BACKSLASH_ESCAPES, where a backslash is a character",
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES';INSERT INTO t VALUES ('\\');CREATE FUNCTION f() RETURNS TEXT RETURN '\\';SET sql_mode = @saved;CREATE VIEW v AS select '\\'', 1 from shop.t;",
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES';INSERT INTO t VALUES ('\\');CREATE FUNCTION f() RETURNS TEXT RETURN '\\';SET sql_mode = @saved;CREATE VIEW v AS select '\\'', 1 from `shop_next`.t;",
  ],
  [
    "tablespaces, which are left out",
    "CREATE LOGFILE GROUP lg ADD UNDOFILE 'u' ENGINE=NDB;/*!50100 CREATE TABLESPACE `ts` ADD DATAFILE 'ts.ibd' ENGINE=InnoDB */;ALTER TABLESPACE ts ADD DATAFILE 'x';",
    "",
  ],
  [
    "tables and partitions that lie in a tablespace or a directory of the source's",
    "CREATE TABLE `t` (`tablespace` int COMMENT 'TABLESPACE x') /*!50100 TABLESPACE `ts` */ ENGINE=InnoDB DATA DIRECTORY='/mnt/a/' INDEX DIRECTORY = '/mnt/b/' COMMENT='DATA DIRECTORY=1' /*!50100 PARTITION BY HASH (a) (PARTITION p0 TABLESPACE = ts DATA DIRECTORY = '/mnt/c' ENGINE = InnoDB) */;",
    "CREATE TABLE `t` (`tablespace` int COMMENT 'TABLESPACE x') /*!50100  */ ENGINE=InnoDB   COMMENT='DATA DIRECTORY=1' /*!50100 PARTITION BY HASH (a) (PARTITION p0   ENGINE = InnoDB) */;",
  ],
  [
    "what Percona's mysqldump asks about RocksDB, before the rows and behind them, which is left out",
    `/*!50717 SET @rocksdb_bulk_load_var_name='rocksdb_bulk_load' */;
/*!50717 SELECT COUNT(*) INTO @rocksdb_has_p_s_session_variables FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'performance_schema' AND TABLE_NAME = 'session_variables' */;
/*!50717 SET @rocksdb_get_is_supported = IF (@rocksdb_has_p_s_session_variables, 'SELECT COUNT(*) INTO @rocksdb_is_supported FROM performance_schema.session_variables WHERE VARIABLE_NAME=\\'rocksdb_bulk_load\\'', 'SELECT 0') */;
/*!50717 PREPARE s FROM @rocksdb_get_is_supported */;
/*!50717 EXECUTE s USING @rocksdb_bulk_load_var_name */;
/*!50717 DEALLOCATE PREPARE s */;
/*!50112 SELECT COUNT(*) INTO @is_rocksdb_supported FROM INFORMATION_SCHEMA.SESSION_VARIABLES WHERE VARIABLE_NAME='rocksdb_bulk_load' */;
/*!50112 SET @disable_bulk_load = IF (@is_rocksdb_supported, 'SET SESSION rocksdb_bulk_load = @old_rocksdb_bulk_load', 'SET @dummy_rocksdb_bulk_load = 0') */;
/*!50112 PREPARE s FROM @disable_bulk_load */;
/*!50112 EXECUTE s */;`,
    "\n".repeat(9),
  ],
  [
    "bodies behind DELIMITER",
    "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT 1 FROM shop.a; SELECT 2 FROM shop.b; END ;;\nDELIMITER ;\nUSE shop;",
    "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT 1 FROM `shop_next`.a; SELECT 2 FROM `shop_next`.b; END ;;\nDELIMITER ;\nUSE `shop_next`;",
  ],
];

for (const [what, statement, expected] of rewritten) {
  test(`rewrites: ${what}`, async () => {
    assert.equal(await rewriteStatements(statement), expected);
  });
}

test("triggers and events are left out where nothing may act by itself, and stay elsewhere", async () => {
  const acts =
    "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET NEW.b = 1 */;;\n/*!50106 CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t */;;\nDELIMITER ;";
  const quiet = await rewriteStatements(acts, { withoutTriggersAndEvents: true });
  assert.doesNotMatch(quiet, /TRIGGER|EVENT/);
  assert.match(await rewriteStatements(acts), /TRIGGER[^]*EVENT/);
});

test("MariaDB's sandbox command is left out in both of its spellings", async () => {
  for (const line of ["/*M!999999\\- enable the sandbox mode */ \n", "/*!999999\\- enable the sandbox mode */ \n"]) {
    const { bytes } = await rewrite(Buffer.concat([Buffer.from(line), dumpOf()]));
    assert.equal(bytes.toString().includes("sandbox"), false);
  }
});

test("a dump without USE gets one before its first statement that needs it", async () => {
  const { bytes } = await rewrite(
    dumpWithoutUse("-- a table", "CREATE TABLE `t` (`a` int);", "INSERT INTO `t` VALUES (1);"),
  );
  assert.match(bytes.toString(), /SET NAMES utf8mb4 \*\/;\n-- a table\nUSE `shop_next`;\nCREATE TABLE `t`/);
  assert.equal(bytes.toString().match(/USE/g)?.length, 1);
});

test("a dump without USE that begins with bodies gets one that their delimiter ends", async () => {
  const { bytes } = await rewrite(dumpWithoutUse("DELIMITER ;;", "CREATE PROCEDURE p() SELECT 1; ;;", "DELIMITER ;"));
  assert.match(bytes.toString(), /\nDELIMITER ;;\nUSE `shop_next`;;\nCREATE PROCEDURE/);
});

test("a dump whose rows come first gets its USE before them", async () => {
  const { bytes } = await rewrite(dumpWithoutUse("INSERT INTO `t` VALUES (1);"));
  assert.match(bytes.toString(), /\nUSE `shop_next`;\nINSERT INTO `t`/);
});

test("texts of a dump that does not say their character set are read as what dump tools ask servers for", async () => {
  const statements = ["USE `shop`;", "SET @a = 1;", "DROP TABLE IF EXISTS `t`;", "INSERT INTO `t` VALUES ('é');"];
  const unsaid = Buffer.from(
    dumpWithoutUse(...statements)
      .toString()
      .replace(/.*SET NAMES.*\n/, ""),
  );
  const { bytes } = await rewrite(unsaid);
  assert.match(bytes.toString(), /USE `shop_next`;\nSET @a = 1;\nSET NAMES utf8mb4;\nDROP TABLE/);
  assert.equal(bytes.toString().match(/SET NAMES/g)?.length, 1);
  for (const latin1 of ["CREATE TABLE `größe` (`a` int);", "INSERT INTO `größe` VALUES ('é');"]) {
    await assert.rejects(rewrite(Buffer.from(dumpOf("SET NAMES latin1;", latin1).toString(), "latin1")), {
      code: "DUMP_UNSUPPORTED_STATEMENT",
      message: /a table's name that is not UTF-8 at line \d+/,
    });
  }
});

test("names with quotes and names beyond ASCII are renamed and counted as what they are", async () => {
  const dump = dumpWithoutUse(
    "USE `läden``1`;",
    "CREATE TABLE `läden``1`.`ta``ble` (`a` int);",
    "CREATE TABLE IF NOT EXISTS größe (a int);",
  );
  const { bytes, outcome } = await rewrite(dump, { from: "läden`1", to: "店" });
  assert.match(bytes.toString(), /USE `店`;\nCREATE TABLE `店`\.`ta``ble`/);
  assert.deepEqual(outcome.tables, ["ta`ble", "größe"]);
});

test("views that mysqldump 5.6 writes as tables first are not counted as tables", async () => {
  const { outcome } = await rewrite(
    dumpOf("/*!50001 CREATE TABLE `v` (\n  `id` tinyint NOT NULL\n) ENGINE=MyISAM */;", "CREATE TABLE `t` (`a` int);"),
  );
  assert.deepEqual(outcome.tables, ["t"]);
});

test("a dump that keeps its database's name keeps its bytes", async () => {
  const dump = dumpWithoutUse(
    "USE `shop`;",
    "CREATE VIEW v AS select 1 from `shop`.`t`;",
    "INSERT INTO `shop`.`t` VALUES (1);",
  );
  assert.deepEqual((await rewrite(dump, { to: "shop" })).bytes, dump);
});
