// A schema with what real ones have and samples have not: every kind of table, key and object that a server can hold.
import type { Connection } from "mysql2/promise";
import type { Kind } from "./server-pool.ts";

/** Names that a careless reader takes for SQL, for another name, or for nothing. MySQL takes no emoji in them. */
export const ODD_NAMES = [
  "select",
  "two words",
  "a.b",
  "100%",
  "C:\\dir\\",
  "tick`tick``",
  `it's "quoted"`,
  "-- no comment",
  "/* open",
  "*/ closed; #",
  "été",
  "顧客",
  "$1",
  "?",
  ":name",
  "@at",
  "constructor",
  "Ünïcödé/slash",
] as const;

export const quote = (name: string) => `\`${name.replaceAll("`", "``")}\``;

/** Tables, rows, then objects. Triggers come last: they would note the rows. */
export async function fillOddly(connection: Connection, kind: Kind): Promise<void> {
  await connection.query("SET sql_mode = ''"); // zero dates
  for (const sql of [...tables(kind), ...rows(kind), ...objects(kind)]) await connection.query(sql);
}

function tables(kind: Kind): string[] {
  const isModern = kind !== "MySQL 5.6";
  return [
    ...ODD_NAMES.map(
      (name, i) =>
        `CREATE TABLE ${quote(name)} (id INT AUTO_INCREMENT PRIMARY KEY, ${quote(name)} VARCHAR(80) CHARACTER SET utf8mb4,
          parent INT, UNIQUE KEY ${quote(name)} (${quote(name)}), CONSTRAINT ${quote(`fk ${name}`)} FOREIGN KEY (parent)
          REFERENCES ${quote(ODD_NAMES[Math.max(0, i - 1)] ?? "")} (id)) AUTO_INCREMENT = 500 COMMENT = '; -- '' \\\\ ${i}'`,
    ),
    `CREATE TABLE kinds (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, size ENUM('s', 'it''s', 'b\\\\s', 'é') NOT NULL,
      tags SET('a', 'b', 'c d'), flags BIT(10) DEFAULT b'101', at TIME(6), on_day DATE NOT NULL DEFAULT '0000-00-00',
      moment DATETIME(3), stamp TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP, made YEAR, price DECIMAL(30, 10), ratio DOUBLE,
      hash BINARY(16), raw LONGBLOB, big LONGTEXT${isModern ? ", doc JSON" : ""})`,
    "CREATE TABLE no_key (n INT, word VARCHAR(20) CHARACTER SET utf8mb4)",
    "CREATE TABLE articles (id INT PRIMARY KEY, title VARCHAR(80), body TEXT, FULLTEXT KEY words (title, body)) CHARACTER SET utf8mb4",
    "CREATE TABLE packed (id INT PRIMARY KEY, word VARCHAR(40)) ROW_FORMAT = COMPRESSED",
    "CREATE TABLE grown (id INT PRIMARY KEY, word TEXT) ROW_FORMAT = DYNAMIC",
    "CREATE TABLE isam (id INT AUTO_INCREMENT PRIMARY KEY, sold_count INT) ENGINE = MyISAM",
    `CREATE TABLE ranged (id INT NOT NULL, day DATE NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (TO_DAYS(day))
      (PARTITION old VALUES LESS THAN (TO_DAYS('2020-01-01')), PARTITION \`p; new\` VALUES LESS THAN MAXVALUE)`,
    "CREATE TABLE hashed (id INT PRIMARY KEY, n INT) PARTITION BY KEY (id) PARTITIONS 3",
    // 5.6 has keys over places in MyISAM alone, which cannot be masked.
    `CREATE TABLE places (id INT PRIMARY KEY, spot POINT NOT NULL${kind === "MySQL 9.7" ? " SRID 4326" : ""}, area GEOMETRY
      ${isModern ? ", SPATIAL KEY spots (spot)" : ""})`,
    "CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40))",
    // With so many bytes of rows that their keys wait until they are masked.
    `CREATE TABLE large_homes (id INT PRIMARY KEY, email VARCHAR(120) NOT NULL, filler LONGTEXT, UNIQUE KEY \`e; mail\` (email),
      KEY begins (filler(20))) CHARACTER SET utf8mb4`,
    `CREATE TABLE large_rooms (id INT PRIMARY KEY, home_email VARCHAR(120), up INT, filler LONGTEXT, KEY of_home (home_email, id),
      KEY up (up), CONSTRAINT \`of; home\` FOREIGN KEY (home_email) REFERENCES large_homes (email) ON UPDATE CASCADE,
      CONSTRAINT up FOREIGN KEY (up) REFERENCES large_rooms (id) ON DELETE SET NULL) CHARACTER SET utf8mb4`,
    ...(isModern ? modernTables(kind) : []),
  ];
}

function modernTables(kind: Kind): string[] {
  return [
    `CREATE TABLE computed (id INT PRIMARY KEY, net INT NOT NULL, gross INT AS (net * 2) STORED, label VARCHAR(40) AS
      (CONCAT('n; ', net)) VIRTUAL, hidden INT INVISIBLE DEFAULT 7, UNIQUE KEY by_gross (gross), KEY by_label (label),
      KEY unused (net) ${kind === "MariaDB" ? "IGNORED" : "INVISIBLE"},
      CONSTRAINT \`positive; net\` CHECK (net > 0 AND net <> 13))`,
    ...(kind === "MariaDB"
      ? ["CREATE TABLE defaulted (id INT PRIMARY KEY, code VARCHAR(40) DEFAULT (CONCAT('x', 'y')))"]
      : [
          `CREATE TABLE defaulted (id INT PRIMARY KEY, code VARCHAR(40) DEFAULT (CONCAT('x', 'y')), KEY lowered ((LOWER(code))),
           KEY falling (id DESC))`,
        ]),
  ];
}

function rows(kind: Kind): string[] {
  return [
    ...ODD_NAMES.map(
      (name, i) =>
        `INSERT INTO ${quote(name)} VALUES (1, '${name.replaceAll("\\", "\\\\").replaceAll("'", "''")}', ${i ? 1 : "NULL"}), (7, '', NULL)`,
    ),
    `INSERT INTO kinds (id, size, tags, at, on_day, moment, stamp, made, price, ratio, hash, raw, big) VALUES
      (18446744073709551615, 'b\\\\s', 'a,c d', '-838:59:58.999999', '0000-00-00', '2026-02-28 23:59:59.999', '2026-01-01 00:00:01',
       1999, 12345678901234567890.0123456789, 1e-300, 0x00FF5C27000000000000000000000000, 0x00270A5C, '😀 ''; DROP'),
      (0, '', NULL, NULL, '2026-00-00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
    "INSERT INTO no_key VALUES (1, 'twice'), (1, 'twice'), (NULL, NULL)",
    "INSERT INTO articles VALUES (1, 'Storm warning', 'the sea is rough'), (2, 'Calm', 'nothing to tell')",
    "INSERT INTO packed VALUES (1, 'packed')",
    "INSERT INTO grown VALUES (1, 'grown')",
    "INSERT INTO isam VALUES (41, 3)",
    "INSERT INTO ranged VALUES (1, '2019-05-05'), (2, '2026-05-05')",
    "INSERT INTO hashed VALUES (1, 1), (2, 2), (3, 3)",
    ...[1, 2, 3].flatMap((n) => [
      `INSERT INTO large_homes VALUES (${n}, 'home${n}@example.org', REPEAT('long ${n} ', 80000))`,
      `INSERT INTO large_rooms VALUES (${n}, 'Home${n}@example.org', ${n === 1 ? "NULL" : 1}, REPEAT('wide ${n} ', 80000))`,
    ]),
    `INSERT INTO places VALUES (1, ${kind === "MySQL 9.7" ? "ST_GeomFromText('POINT(35 139)', 4326)" : "ST_GeomFromText('POINT(35 139)')"},
      ST_GeomFromText('POLYGON((0 0,0 5,5 5,5 0,0 0))'))`,
    ...(kind === "MySQL 5.6"
      ? []
      : [
          "INSERT INTO computed (id, net, hidden) VALUES (1, 10, 99), (2, 20, DEFAULT)",
          "INSERT INTO defaulted (id) VALUES (1)",
          `UPDATE kinds SET doc = '{"a": ["1; 2", null]}'`,
        ]),
  ];
}

/** Names are so that the alphabet brings a view before what it reads. */
function objects(kind: Kind): string[] {
  return [
    "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2",
    "CREATE PROCEDURE `note; it`(IN told VARCHAR(40)) MODIFIES SQL DATA INSERT INTO audit (what) VALUES (told)",
    "CREATE VIEW z_base AS SELECT id, word, 'a; ''b' AS `odd ``column` FROM grown",
    "CREATE VIEW m_middle AS SELECT id, `odd ``column`, twice(id) AS doubled FROM z_base WHERE id < 100",
    "CREATE SQL SECURITY INVOKER VIEW a_top AS SELECT m.*, (SELECT COUNT(*) FROM `two words`) AS counted FROM m_middle m",
    "CREATE ALGORITHM = MERGE VIEW `view; 'of' -- odd` AS SELECT id, `100%` FROM `100%` WHERE id > 0 WITH CASCADED CHECK OPTION",
    `CREATE TRIGGER grown_before BEFORE INSERT ON grown FOR EACH ROW SET NEW.word = CONCAT(NEW.word, '; ', twice(NEW.id))`,
    "CREATE TRIGGER `after; grown` AFTER INSERT ON grown FOR EACH ROW BEGIN CALL `note; it`(NEW.word); END",
    ...(kind === "MySQL 5.6"
      ? []
      : [
          "CREATE TRIGGER a_second AFTER INSERT ON grown FOR EACH ROW FOLLOWS `after; grown` CALL `note; it`('second')",
        ]),
    `CREATE TRIGGER odd_trigger BEFORE UPDATE ON ${quote("tick`tick``")} FOR EACH ROW SET NEW.parent = NULL`,
    "CREATE EVENT `nightly; clean` ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' ENABLE COMMENT 'it''s' DO DELETE FROM audit",
  ];
}
