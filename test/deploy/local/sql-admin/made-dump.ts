// A dump with what makes an import's sessions wait for each other: rows of every byte, keys after them, foreign keys.

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");
const QUOTED = EVERY_BYTE.replaceAll(/[\\']/g, "\\$&");
export const TABLES = ["one", "two", "three"];
const STATEMENTS = 10;
/** More than 64 KiB in a statement: less is left to one session. */
const ROWS = 250;
export const ROWS_OF_A_TABLE = STATEMENTS * ROWS;

/** Three tables, each with keys after its rows and a foreign key to the one before, a view, a trigger; as latin1. */
function dumpText(): string {
  const parts = [
    "SET FOREIGN_KEY_CHECKS=0, UNIQUE_CHECKS=0, @saved_sql_mode=@@sql_mode, SQL_MODE='NO_AUTO_VALUE_ON_ZERO';",
  ];
  for (const [i, table] of TABLES.entries()) {
    parts.push(
      `DROP TABLE IF EXISTS \`${table}\`;`,
      "SET @saved_cs_client = @@character_set_client, character_set_client = utf8mb4;",
      `CREATE TABLE \`${table}\` (id INT PRIMARY KEY, code INT, parent INT, raw BLOB, body TEXT) ENGINE=InnoDB CHARSET=utf8mb4;`,
      "SET character_set_client = @saved_cs_client;",
      `LOCK TABLES \`${table}\` WRITE;`,
      `/*!40000 ALTER TABLE \`${table}\` DISABLE KEYS */;`,
      "set autocommit=0;",
    );
    for (let at = 0; at < STATEMENTS; at++) parts.push(`INSERT INTO \`${table}\` VALUES ${rowsText(at * ROWS)};`);
    parts.push(`/*!40000 ALTER TABLE \`${table}\` ENABLE KEYS */;`, "UNLOCK TABLES;", "commit;");
    const reference = i === 0 ? "" : `,\n  ADD FOREIGN KEY (parent) REFERENCES ${TABLES[i - 1]} (id)`;
    parts.push(
      `ALTER TABLE \`${table}\` ADD KEY by_body (body(20)), ADD KEY by_parent (parent), ADD UNIQUE KEY by_code (code)${reference};`,
    );
  }
  parts.push(
    // Its parent's key is still to be added when this could begin.
    "CREATE TABLE small (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES three (code));",
    "INSERT INTO small VALUES (1),(2);",
    "CREATE VIEW bodies AS SELECT body FROM three;",
    "DELIMITER ;;",
    "CREATE TRIGGER watch BEFORE INSERT ON small FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END ;;",
    "DELIMITER ;",
    "SET SQL_MODE=@saved_sql_mode;",
  );
  return `${parts.join("\n")}\n-- Dump completed\n`;
}

function rowsText(first: number): string {
  const text = Buffer.from(`山田 😀 ; '' \\\\ `).toString("latin1").replaceAll("'", "\\'");
  return Array.from(
    { length: ROWS },
    (_, i) => `(${first + i},${first + i},${first},_binary '${QUOTED}','${text}${first + i}')`,
  ).join(",\n");
}

export const DUMP = Buffer.from(dumpText(), "latin1");
/** A row's `raw`, in hexadecimal. */
export const RAW = Buffer.from(EVERY_BYTE, "latin1").toString("hex").toUpperCase();
