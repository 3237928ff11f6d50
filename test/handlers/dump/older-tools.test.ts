// What mysqldump before 8.0 and mariadb-dump write, on the servers of today: modes that are gone, words that were renamed.
// Frames and heads as these tools write them; the tables and objects are made for this.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { RowDataPacket } from "mysql2";
import { isFatal } from "../../../contracts/errors.ts";
import { checkDump } from "../../../handlers/check-dump.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, connectionOptions, createDatabase, servers, type TestServer } from "../../support/servers.ts";
import { loadWithClient } from "./loading.ts";
import { dumpOf, rewrite, rewriteStatements } from "./rewriting.ts";

const MODES: [what: string, statement: string, expected: string][] = [
  [
    "a stored object's modes lose what has no effect on it",
    "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;",
    "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;",
  ],
  [
    "names for several modes become those modes, each once",
    "SET sql_mode = 'PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,POSTGRESQL,NO_KEY_OPTIONS,NO_TABLE_OPTIONS,NO_FIELD_OPTIONS';",
    "SET sql_mode = 'PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE';",
  ],
  [
    "rows of --compatible=… are read in its modes",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ORACLE' */;",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ALLOW_INVALID_DATES' */;",
  ],
  [
    "an object's own modes are not those of rows",
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';SET sql_mode = 'ORACLE,constructor';SET sql_mode = '';",
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';SET sql_mode = 'ORACLE,constructor';SET sql_mode = '';",
  ],
  [
    "tables",
    "CREATE TABLE `t` (`persistent` int, `b` int AS (length(`persistent`)) PERSISTENT, `type` int COMMENT ') PERSISTENT') TYPE=InnoDB ROW_FORMAT=FIXED COMMENT='TYPE=';",
    "CREATE TABLE `t` (`persistent` int, `b` int AS (length(`persistent`)) STORED, `type` int COMMENT ') PERSISTENT') ENGINE=InnoDB  COMMENT='TYPE=';",
  ],
  [
    "rows of a fixed length stay where there are such",
    "CREATE TABLE `t` (`a` int) ENGINE=MyISAM ROW_FORMAT=FIXED;",
    "CREATE TABLE `t` (`a` int) ENGINE=MyISAM ROW_FORMAT=FIXED;",
  ],
];
for (const [what, statement, expected] of MODES) {
  test(`rewrites: ${what}`, async () => {
    assert.equal(await rewriteStatements(statement), expected);
  });
}

for (const server of servers()) {
  test(`modes that ${server.name} lacks are told before anything is imported, and those that it has are not`, async (t) => {
    const session = await openReadSession("replica", connectionOptions(server));
    afterTest(t, () => session.close());
    const modes =
      "ORACLE EMPTY_STRING_IS_NULL IGNORE_BAD_TABLE_OPTIONS SIMULTANEOUS_ASSIGNMENT TIME_ROUND_FRACTIONAL TIME_TRUNCATE_FRACTIONAL MSSQL NO_FIELD_OPTIONS PIPES_AS_CONCAT";
    for (const mode of modes.split(" ")) {
      const { bytes, outcome } = await rewrite(dumpOf(`/*!50003 SET sql_mode = '${mode}' */;`));
      const written = /sql_mode = '(.*)'/.exec(bytes.toString())?.[1];
      const isKnown = await session.query("SET SESSION sql_mode = ?", [written]).then(
        () => true,
        () => false,
      );
      const isTold = await checkDump(session, outcome.checkpoint).then(
        () => false,
        (error: unknown) => isFatal(error) && error.code === "SCHEMA_DOES_NOT_FIT",
      );
      assert.equal(isTold, !isKnown, mode);
    }
  });
}

test("the zone of an event that is left out is left out too; the rows' own stays", async () => {
  const zones =
    "/*!40103 SET TIME_ZONE='+00:00' */;/*!50003 SET time_zone = 'Europe/Berlin' */;SET TIME_ZONE='Asia/Tokyo';";
  assert.equal(await rewriteStatements(zones), zones);
  assert.equal(
    await rewriteStatements(zones, { withoutTriggersAndEvents: true }),
    "/*!40103 SET TIME_ZONE='+00:00' */;SET TIME_ZONE='Asia/Tokyo';",
  );
});

test("moments in no known time zone are refused, and the message says of which column", async () => {
  const table = "CREATE TABLE `visits` (\n  `id` int,\n  `timestamp` int,\n  `seen at` timestamp NULL DEFAULT NULL\n);";
  for (const before of ["", "SET @a = 1;", "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;"]) {
    await assert.rejects(rewrite(dumpOf(before, table)), {
      code: "DUMP_TIME_ZONE_UNKNOWN",
      message: /of `visits\.seen at` are, a table at line \d+ \(byte \d+ of.*--skip-tz-utc/,
    });
  }
  for (const zone of [
    "/*!40103 SET TIME_ZONE='+00:00' */;",
    "SET TIME_ZONE='+09:00';",
    "SET @@session.time_zone = 'SYSTEM';",
  ])
    await rewrite(dumpOf(zone, table));
  await rewrite(dumpOf("CREATE TABLE `t` (`timestamp` int, `at` datetime, KEY `timestamp` (`timestamp`));"));
});

/** What stands around a stored object; `end` is the delimiter there. */
const around = (sql: string, end: string) => `/*!50003 SET @saved_cs_client      = @@character_set_client */ ${end}
/*!50003 SET character_set_client  = utf8 */ ${end}
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ${end}
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ${end}
${sql}
/*!50003 SET sql_mode              = @saved_sql_mode */ ${end}
/*!50003 SET character_set_client  = @saved_cs_client */ ${end}`;

const event = (name: string) =>
  around(
    `/*!50106 CREATE*/ /*!50117 DEFINER=\`root\`@\`localhost\`*/ /*!50106 EVENT \`${name}\` ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM readers WHERE name = "x" */ ;;`,
    ";;",
  );

/** As MySQL Workbench exports from a server 5.6: its CREATE DATABASE comes before the tool's own head. */
const OLD_DUMP = `CREATE DATABASE  IF NOT EXISTS \`lending\` /*!40100 DEFAULT CHARACTER SET utf8 */;
USE \`lending\`;
-- MySQL dump 10.13  Distrib 5.6.24, for Win64 (x86_64)
--
-- Host: localhost    Database: lending
-- ------------------------------------------------------
-- Server version\t5.6.26-log

/*!40101 SET NAMES utf8 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;

DROP TABLE IF EXISTS \`adults\`;
/*!50001 DROP VIEW IF EXISTS \`adults\`*/;
SET @saved_cs_client     = @@character_set_client;
SET character_set_client = utf8;
/*!50001 CREATE TABLE \`adults\` (
  \`id\` tinyint NOT NULL,
  \`name\` tinyint NOT NULL
) ENGINE=MyISAM */;
SET character_set_client = @saved_cs_client;
DROP TABLE IF EXISTS \`loans\`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE \`loans\` (
  \`id\` int(11) NOT NULL AUTO_INCREMENT,
  \`reader\` int(11) DEFAULT NULL,
  \`shelf\` int(11) DEFAULT NULL,
  \`at\` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00' ON UPDATE CURRENT_TIMESTAMP,
  \`until\` date NOT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`reader\` (\`reader\`) USING BTREE,
  KEY \`shelf\` (\`shelf\`),
  CONSTRAINT \`stands\` FOREIGN KEY (\`shelf\`) REFERENCES \`readers\` (\`shelf\`),
  CONSTRAINT \`lent\` FOREIGN KEY (\`reader\`) REFERENCES \`readers\` (\`id\`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8 ROW_FORMAT=FIXED;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES \`loans\` WRITE;
/*!40000 ALTER TABLE \`loans\` DISABLE KEYS */;
INSERT INTO \`loans\` VALUES (1,1,5,'2016-04-27 04:42:47','0000-00-00');
/*!40000 ALTER TABLE \`loans\` ENABLE KEYS */;
UNLOCK TABLES;
CREATE TABLE \`readers\` (
  \`id\` int(11) NOT NULL,
  \`name\` varchar(45) DEFAULT NULL,
  \`shelf\` int(11) DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`shelf\` (\`shelf\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO \`readers\` VALUES (1,'Ümit',5),(2,'Ümit',5);
${around("DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `lent` BEFORE INSERT ON `loans`\nFOR EACH ROW SET NEW.until = IF(\"a\" = 'b', NULL, '2016-01-01') */;;\nDELIMITER ;", ";")}
/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;
/*!50106 DROP EVENT IF EXISTS \`first\` */;
DELIMITER ;;
${event("first")}
/*!50106 DROP EVENT IF EXISTS \`second\` */;;
DELIMITER ;;
${event("second")}
DELIMITER ;
/*!50106 SET TIME_ZONE= @save_time_zone */ ;
/*!50003 DROP PROCEDURE IF EXISTS \`remove\` */;
${around("DELIMITER ;;\nCREATE DEFINER=`root`@`localhost` PROCEDURE `remove`(which INT(11))\nBEGIN\n  -- it's gone\n  DELETE FROM `lending`.`loans` WHERE id = which;\nEND ;;\nDELIMITER ;", ";")}
/*!50001 DROP TABLE IF EXISTS \`adults\`*/;
/*!50001 DROP VIEW IF EXISTS \`adults\`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER */
/*!50001 VIEW \`adults\` AS (select distinct \`r\`.\`id\` AS \`id\`,\`r\`.\`name\` AS \`name\` from \`lending\`.\`readers\` \`r\`) */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;

-- Dump completed on 2016-04-27  4:42:47
`;

async function load(t: TestContext, server: TestServer, dump: string, from: string, quiet = false) {
  const database = await createDatabase(t, server, "older");
  const options = { from, to: database, withoutTriggersAndEvents: quiet, laterKeysFromBytes: 1 };
  const { bytes } = await rewrite(Buffer.from(dump), options);
  await loadWithClient(server, bytes);
  const connection = await connect(t, server, database);
  return async (sql: string) => (await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true }))[0];
}

/** What `--compatible=` names, the quotes of names in that mode, and how it writes the engine. */
const COMPATIBLE = [
  ...["ANSI", "POSTGRESQL", "ORACLE", "MSSQL", "DB2", "MAXDB"].map((mode) => [mode, '"', ""] as const),
  ["NO_TABLE_OPTIONS,NO_FIELD_OPTIONS", "`", ""],
  ["MYSQL40,NO_KEY_OPTIONS", "`", " TYPE=InnoDB"],
] as const;

for (const server of servers()) {
  test(`a dump of Workbench 5.6 loads into ${server.name}, and its objects work`, async (t) => {
    const ask = await load(t, server, OLD_DUMP, "lending");
    assert.deepEqual(await ask("SELECT id, reader, UNIX_TIMESTAMP(at), until + 0 FROM loans"), [[1, 1, 1461732167, 0]]);
    assert.equal((await ask("SELECT * FROM adults")).length, 2);
    const keys =
      "SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()";
    assert.deepEqual(await ask(`${keys} ORDER BY 1`), [["lent"], ["stands"]], "one refers to a key that is not unique");
    await ask("INSERT INTO loans (reader, at, until) VALUES (1, NOW(), '2020-02-02')");
    assert.deepEqual(await ask("SELECT id, until + 0 FROM loans WHERE id > 1"), [[9, 20160101]]);
    await ask("CALL remove(9)");
    assert.deepEqual(await ask("SELECT COUNT(*) FROM loans"), [[1]]);
    const count = "SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE()";
    assert.deepEqual(await ask(count), [[2]]);
    const quiet = await load(t, server, OLD_DUMP, "lending", true);
    assert.deepEqual(await quiet(count), [[0]]);
  });

  test(`rows of mysqldump --compatible=… load into ${server.name}`, async (t) => {
    for (const [mode, q, engine] of COMPATIBLE) {
      const dump = dumpOf(
        `/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,${mode}' */;`,
        `CREATE TABLE ${q}codes${q} (\n  ${q}id${q} int NOT NULL,\n  ${q}code${q} varchar(50),\n  PRIMARY KEY (${q}id${q}),\n  KEY ${q}k${q} (${q}code${q})\n)${engine};`,
        `INSERT INTO ${q}codes${q} VALUES (0,'51\\'36"60; \\\\'),(74,NULL);`,
      );
      const ask = await load(t, server, dump.toString(), "shop");
      assert.deepEqual(
        await ask("SELECT id, code FROM codes ORDER BY id"),
        [
          [0, "51'36\"60; \\"],
          [74, null],
        ],
        mode,
      );
    }
  });
}
