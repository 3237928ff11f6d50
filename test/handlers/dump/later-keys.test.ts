// Keys that are added behind the rows: which ones, where, and that all of them are back on every server.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowDataPacket } from "mysql2";
import { keyTable } from "../../../handlers/mysql/waiting-keys.ts";
import { connect, createDatabase, servers, type TestServer } from "../../support/servers.ts";
import { loadWithClient } from "./loading.ts";
import { dumpOf, dumpWithoutUse, rewrite, rewriteStatements } from "./rewriting.ts";

const LATER = { laterKeysFromBytes: 1 };
const INNODB = "\n) ENGINE=InnoDB";

const table = (...elements: string[]) => `CREATE TABLE \`t\` (\n  ${elements.join(",\n  ")}${INNODB};`;
const PRIMARY = ["`id` int NOT NULL", "`a` int", "PRIMARY KEY (`id`)"];

const taken: [what: string, key: string][] = [
  ["a key", "KEY `k` (`a`)"],
  ["a key with prefix, order and comment", "KEY `k` (`a`(10) DESC,`id`) USING BTREE COMMENT 'a, (b'"],
  ["an invisible key", "KEY `k` (`a`) /*!80000 INVISIBLE */"],
  ["a unique key", "UNIQUE KEY `k,(` (`a`,`id`)"],
];
for (const [what, key] of taken) {
  test(`${what} is added behind the rows`, async () => {
    const rows = "LOCK TABLES `t` WRITE;\nINSERT INTO `t` VALUES (1,';');\nUNLOCK TABLES;";
    assert.equal(
      await rewriteStatements(`${table(...PRIMARY, key)}\n${rows}\nDROP TABLE IF EXISTS \`u\`;`, LATER),
      `${table(...PRIMARY)}\n${rows}\nALTER TABLE \`t\` ADD ${key};\nDROP TABLE IF EXISTS \`u\`;`,
    );
  });
}

test("foreign keys are added behind all tables, before references are checked again", async () => {
  const key = "KEY `k` (`a`)";
  const foreign = "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`,`y`) ON DELETE SET NULL";
  const rows =
    "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;\nINSERT INTO `t` VALUES (1);\nSET AUTOCOMMIT=@OLD_AUTOCOMMIT;";
  const next = "DROP TABLE IF EXISTS `u`;\nCREATE VIEW v AS select 1;";
  for (const end of [
    "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;",
    "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;",
    "SET FOREIGN_KEY_CHECKS=1;",
  ]) {
    const rewritten = await rewriteStatements(`${table(...PRIMARY, key, foreign)}\n${rows}\n${next}\n${end}`, LATER);
    const [added, checked] = [`ALTER TABLE \`t\` ADD ${key};`, `ALTER TABLE \`t\` ADD ${foreign};`];
    assert.equal(
      rewritten.replace(/CREATE .*VIEW/, "CREATE VIEW"),
      [table(...PRIMARY), rows, added, next, checked, end].join("\n"),
    );
  }
});

const staying: [what: string, ...elements: string[]][] = [
  [
    "what AUTO_INCREMENT needs",
    "`id` int",
    "`n` int NOT NULL AUTO_INCREMENT",
    "PRIMARY KEY (`id`)",
    "KEY `k` (`id`,`N`)",
  ],
  ["a unique key in the place of a primary one", "`a` int NOT NULL", "UNIQUE KEY `k` (`a`)"],
  ["a key over an expression", ...PRIMARY, "KEY `k` ((`a` + 1))"],
  ["a FULLTEXT key", ...PRIMARY, "FULLTEXT KEY `k` (`a`)"],
  ["a SPATIAL key", ...PRIMARY, "SPATIAL KEY `k` (`a`)"],
  ["a check", ...PRIMARY, "CONSTRAINT `c` CHECK (`a` in (1,2))"],
  [
    "a key beside a foreign key that has to",
    ...PRIMARY,
    "KEY `c` (`a`)",
    "CONSTRAINT `ü` FOREIGN KEY (`a`) REFERENCES `p` (`x`)",
  ],
  ["a key whose name the session may read otherwise behind the rows", ...PRIMARY, "KEY `größe` (`a`)"],
  ["a unique key for no two times at once", ...PRIMARY, "UNIQUE KEY `k` (`a`,`p` WITHOUT OVERLAPS)"],
  ["a key in a versioned comment", ...PRIMARY, "/*!80000 KEY `k` (`a`) */"],
  ["a key without a name", ...PRIMARY, "KEY (`a`)"],
];
for (const [what, ...elements] of staying) {
  test(`stays in the CREATE TABLE: ${what}`, async () => {
    const statement = table(...elements);
    assert.equal(await rewriteStatements(statement, LATER), statement);
  });
}

test("tables of other engines, and with a history, keep their keys", async () => {
  for (const options of ["ENGINE=MyISAM", "ENGINE=MEMORY", "ENGINE=InnoDB WITH SYSTEM VERSIONING"]) {
    const statement = `CREATE TABLE t (\n  id int,\n  PRIMARY KEY (id),\n  KEY k (id)\n) ${options};`;
    assert.equal(await rewriteStatements(statement, LATER), statement);
  }
});

test("a parent that comes behind its child keeps the keys that begin with what the child refers to", async () => {
  const child = "CREATE TABLE `a` (\n  `c` int,\n  CONSTRAINT `f` FOREIGN KEY (`c`) REFERENCES `P` (`Code`, `b`)\n);";
  const parent =
    "CREATE TABLE `p` (\n  `id` int,\n  `code` int,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`code`,`b`),\n  KEY `k` (`b`)\n);";
  const rewritten = await rewriteStatements(`${child}\n${parent}\nUSE shop;`, LATER);
  assert.match(
    rewritten,
    /CREATE TABLE `p`[^;]*UNIQUE KEY `u` \(`code`,`b`\)\n\);\nALTER TABLE `p` ADD KEY `k` \(`b`\);/,
  );
});

test("keys wait through all that belongs to a table's rows, and no longer", async () => {
  const statement = table(...PRIMARY, "KEY `k` (`a`)");
  const rows = [
    "/*!40101 SET character_set_client = @saved_cs_client */;",
    "set autocommit=0;",
    "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;",
    "LOCK TABLES `t` WRITE;",
    "/*!40000 ALTER TABLE `t` DISABLE KEYS */;",
    "INSERT INTO `t` VALUES (1);",
    "INSERT INTO `t` VALUES (2);",
    "/*!40000 ALTER TABLE `t` ENABLE KEYS */;",
    "UNLOCK TABLES;",
    "COMMIT;",
    "SET AUTOCOMMIT=@OLD_AUTOCOMMIT;",
  ].join("\n");
  for (const next of [
    "INSERT INTO `u` VALUES (1);",
    "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;",
    "/*!50003 SET sql_mode = 'ANSI' */;",
    "DELIMITER ;;\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;;\nDELIMITER ;",
    "CREATE VIEW v AS select 1;",
    "USE `shop_next`;",
    "ALTER TABLE `t` ADD COLUMN b int;",
  ]) {
    const options = { ...LATER, from: "shop_next" };
    const dump = dumpWithoutUse("USE `shop_next`;", statement, rows, next);
    const text = (await rewrite(dump, options)).bytes.toString();
    assert.ok(text.includes(`${rows}\nALTER TABLE \`t\` ADD KEY \`k\` (\`a\`);\n${next}`), text);
  }
});

test("keys are added at the end of a dump that has nothing behind its rows", async () => {
  const { bytes } = await rewrite(dumpOf(table(...PRIMARY, "KEY `k` (`a`)"), "INSERT INTO `t` VALUES (1);"), LATER);
  assert.match(bytes.toString(), /-- Dump completed[^\n]*\nALTER TABLE `t` ADD KEY `k` \(`a`\);\n$/);
});

test("a table of few rows keeps its keys: one statement costs less than two", async () => {
  const small = table(...PRIMARY, "KEY `k` (`a`)");
  const large = small.replaceAll("`t`", "`l`");
  const rows = `INSERT INTO \`l\` VALUES ('${"x".repeat(2 ** 20)}');`;
  const { bytes } = await rewrite(dumpOf(small, "INSERT INTO `t` VALUES (1);", large, rows, small));
  const keys = bytes.toString().match(/(?:CREATE|ALTER) TABLE `.`|ADD KEY|  KEY/g);
  assert.deepEqual(
    keys?.join(),
    "CREATE TABLE `t`,  KEY,CREATE TABLE `l`,ALTER TABLE `l`,ADD KEY,CREATE TABLE `t`,  KEY",
  );
});

const BESIDE = { ...LATER, keysBeside: "be`side" };
const INSERTS = "INSERT INTO `t` VALUES (1);";

/** The CREATE TABLE under the name that the table with all keys has. */
function whole(statement: string, name: string): string {
  return statement.replace(`CREATE TABLE \`${name}\``, `CREATE TABLE \`be\`\`side\`.\`${keyTable(name)}\``);
}

test("keys that wait for somebody else go with the whole table into the other database, and never follow", async () => {
  const statement = table(...PRIMARY, "KEY `größe` (`a`)", "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`)");
  assert.equal(
    await rewriteStatements(`${statement}\n${INSERTS}\nUSE shop;`, { ...BESIDE, from: "shop", to: "shop" }),
    `${whole(statement, "t")}\n${table(...PRIMARY)}\n${INSERTS}\nUSE shop;`,
  );
});

test("a small table's foreign keys wait where they refer to a key that waits, and nothing else of it does", async () => {
  const parent = table(...PRIMARY, "KEY `k` (`A`,`id`)").replace("`t`", "`p`");
  const child = (column: string) =>
    table(...PRIMARY, "KEY `a` (`a`)", `CONSTRAINT \`c\` FOREIGN KEY (\`a\`) REFERENCES \`P\` (\`${column}\`)`);
  const many = `INSERT INTO \`p\` VALUES (1,'${"x".repeat(3000)}');`;
  const options = { ...BESIDE, laterKeysFromBytes: 2000 };
  assert.equal(
    await rewriteStatements(`${parent}\n${many}\n${child("a")}\n${child("id").replace("`t`", "`u`")}`, options),
    [
      whole(parent, "p"),
      parent.replace(",\n  KEY `k` (`A`,`id`)", ""),
      many,
      whole(child("a"), "t"),
      table(...PRIMARY, "KEY `a` (`a`)"),
      child("id").replace("`t`", "`u`"),
    ].join("\n"),
  );
});

test("keys do not wait for somebody else where the table with all of them could be another, or has no rows", async () => {
  const key = "KEY `k` (`a`)";
  const elsewhere = table(...PRIMARY, key, "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `shop`.`p` (`id`)");
  for (const statement of [table(...PRIMARY, key).replace("`t`", "`shop`.`t`"), elsewhere])
    assert.equal(await rewriteStatements(statement, { ...BESIDE, to: "shop" }), statement);
  const [lower, upper] = [table(...PRIMARY, key), table(...PRIMARY, key).replace("`t`", "`T`")];
  assert.equal(
    await rewriteStatements(`${lower}\n${upper}`, BESIDE),
    `${whole(lower, "t")}\n${table(...PRIMARY)}\n${upper}`,
  );
  assert.equal(await rewriteStatements(`${lower}\n`, { ...BESIDE, withoutRowsOf: () => true }), `${lower}\n`);
});

/** In this order: children stand before their parents, as names have it in a dump. */
function schema({ flavour, version }: TestServer): Record<string, string> {
  const [isMySql9, isOld] = [flavour === "mysql" && version.startsWith("9"), version.startsWith("5")];
  const when = (condition: boolean, ...elements: string[]) => (condition ? elements : []);
  const innodb = (elements: string[], options = "") =>
    `(${elements.join(", ")}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ${options}`;
  return {
    child: innodb([
      "id INT PRIMARY KEY AUTO_INCREMENT, parent_code VARCHAR(20), tree_id INT, `od``d, (x` VARCHAR(50), note TEXT, place INT",
      "KEY by_note (note(20)), UNIQUE KEY `no``de, (` (`od``d, (x`, id), KEY by_place (place, tree_id)",
      "CONSTRAINT child_parent FOREIGN KEY (parent_code) REFERENCES parent (code) ON UPDATE CASCADE",
      "CONSTRAINT child_tree FOREIGN KEY (tree_id) REFERENCES tree (id) ON DELETE SET NULL, FULLTEXT KEY words (note)",
      ...when(isMySql9, "KEY hidden (place) INVISIBLE, KEY falling (place DESC), KEY computed ((place + 1))"),
      ...when(!isOld, "twice INT AS (place * 2) VIRTUAL, KEY by_twice (twice), CHECK (place < 1000)"),
    ]),
    counted: innodb([
      "grp INT NOT NULL, n INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (grp, n), KEY by_n (n), KEY by_grp (grp)",
    ]),
    nameless: innodb(["code INT NOT NULL, other INT, UNIQUE KEY (code), KEY (other)"]),
    parent: innodb(["id INT PRIMARY KEY, code VARCHAR(20) NOT NULL, UNIQUE KEY (code), KEY by_code (code, id)"]),
    parted: innodb(
      ["id INT, day DATE, note VARCHAR(99), PRIMARY KEY (id, day), UNIQUE KEY (day, id), KEY (note)"],
      "PARTITION BY RANGE (TO_DAYS(day)) (PARTITION p0 VALUES LESS THAN (740000), PARTITION p1 VALUES LESS THAN MAXVALUE)",
    ),
    tree: innodb(
      [
        "id INT PRIMARY KEY, up_code INT, code INT, spot POINT NOT NULL, UNIQUE KEY (code)",
        "CONSTRAINT up FOREIGN KEY (up_code) REFERENCES tree (code)",
        "CONSTRAINT loop_child FOREIGN KEY (id) REFERENCES child (id)",
        ...when(!isOld, "SPATIAL KEY (spot)"),
      ],
      isOld ? "" : "ROW_FORMAT=DYNAMIC",
    ),
  };
}

const ROWS = [
  "INSERT INTO `child` (id, parent_code, tree_id, `od``d, (x`, note, place) VALUES (1,'a',1,'x','some words',5),(2,'b',NULL,'y','',6);",
  "INSERT INTO `counted` VALUES (1,1),(1,2),(2,3);",
  "INSERT INTO `nameless` VALUES (1,1),(2,NULL);",
  "INSERT INTO `parent` VALUES (1,'a'),(2,'b');",
  "INSERT INTO `parted` VALUES (1,'2020-01-01','a'),(2,'2040-01-01','b');",
  "INSERT INTO `tree` (id, up_code, code, spot) VALUES (1,7,7,ST_GeomFromText('POINT(1 2)')),(2,7,8,ST_GeomFromText('POINT(3 4)'));",
];

/**
 * A table's parts, in an order that does not depend on when each key was added. After an ALTER TABLE MySQL 9 spells out the
 * character set of a column's collation; how far a counter is, is no part.
 */
function parts(definition: string): string[] {
  const lines = definition.replaceAll(/ CHARACTER SET utf8mb4(?= COLLATE)| AUTO_INCREMENT=\d+/g, "").split("\n");
  return lines.map((line) => line.replace(/,$/, "")).toSorted();
}

for (const server of servers()) {
  test(`all keys, foreign keys and rows are back on ${server.name}`, async (t) => {
    const [source, target] = [await createDatabase(t, server, "source"), await createDatabase(t, server, "later")];
    const connection = await connect(t, server, source);
    const definition = async (database: string, name: string) => {
      const [rows] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${database}\`.\`${name}\``);
      return String(rows[0]?.["Create Table"]);
    };
    const tables = Object.entries(schema(server));
    await connection.query("SET foreign_key_checks = 0");
    for (const [name, body] of tables) await connection.query(`CREATE TABLE ${name} ${body}`);
    const statements: string[] = [];
    for (const [at, [name]] of tables.entries()) statements.push(`${await definition(source, name)};`, ROWS[at]!);
    const { bytes, outcome } = await rewrite(
      dumpWithoutUse("SET FOREIGN_KEY_CHECKS=0;", ...statements, "SET FOREIGN_KEY_CHECKS=1;"),
      { ...LATER, to: target },
    );
    assert.equal(
      bytes.toString().match(/^ALTER TABLE/gm)?.length,
      tables.length + 1, // all but the keys of `parent`, which `child` refers to, and the foreign keys of two
    );
    assert.deepEqual(outcome.checkpoint.laterKeys, { pending: null, foreign: [], parents: [], left: [] });
    await loadWithClient(server, bytes);
    for (const [name] of tables) {
      const columns = name === "child" ? "id, parent_code, tree_id, note, place" : "*";
      assert.deepEqual(parts(await definition(target, name)), parts(await definition(source, name)), name);
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT ${columns} FROM \`${target}\`.\`${name}\``);
      assert.ok(rows.length >= 2);
    }
    // What is back is in force.
    await connection.query("SET foreign_key_checks = 1");
    await connection.query(`USE \`${target}\``);
    await assert.rejects(connection.query("INSERT INTO child (parent_code) VALUES ('missing')"), { errno: 1452 });
    await assert.rejects(connection.query("INSERT INTO parent VALUES (3, 'a')"), { errno: 1062 });
    await connection.query("UPDATE parent SET code = 'c' WHERE code = 'b'");
    const [moved] = await connection.query<RowDataPacket[]>("SELECT id FROM child WHERE parent_code = 'c'");
    assert.deepEqual(moved, [{ id: 2 }]);
  });
}
