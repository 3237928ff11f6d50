// A small database with everything that a careless rewriter trips over.
import type { Connection } from "mysql2/promise";

/** Text that looks like SQL, and SQL that looks like text. */
export const NASTY_TEXTS = [
  "shop",
  "USE production;",
  "';\nUSE production;\n-- ",
  "INSERT INTO `shop`.`users` VALUES (1);",
  "\\",
  "\\'",
  'it\'s "quoted" and `shop`.`users`',
  "/* open; /*!50003 DEFINER=`root`@`%` */",
  "*/ DELIMITER ;;\n;;\nDELIMITER ;",
  "-- Dump completed on 2026-01-01",
  "# not; a comment",
  "\0\b\n\r\t\u001a%_",
  "山田太郎 😀 é",
  "",
];

/** Every byte value, twice over, in an order that puts quotes and backslashes beside each other. */
export const EVERY_BYTE = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => (byte * 0x35 + 0x27) & 0xff)),
  Buffer.from("\\'\\\\''\\\"';\n"),
]);

/** Makes it in `database`, the connection's own. Every server from 5.6 on takes it. */
export async function fillNastily(connection: Connection, database: string): Promise<void> {
  for (const statement of nastySchema(database)) {
    if (statement.startsWith("CREATE TRIGGER")) await insertUsers(connection); // it would note them
    await connection.query(statement);
  }
}

async function insertUsers(connection: Connection): Promise<void> {
  const rows = NASTY_TEXTS.map((text) => [1, text, EVERY_BYTE]);
  await connection.query("INSERT INTO users (company_id, note, data) VALUES ?", [rows]);
}

function nastySchema(database: string): string[] {
  const options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
  return [
    "SET sql_mode = 'STRICT_TRANS_TABLES'",
    `CREATE TABLE companies (id INT PRIMARY KEY AUTO_INCREMENT, parent_id INT, name VARCHAR(100) NOT NULL
      COMMENT 'the \`${database}\`.\`companies\` name; DEFINER=\`root\`@\`%\` -- no comment',
      FOREIGN KEY (parent_id) REFERENCES companies (id)) ${options}`,
    `CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, company_id INT, note TEXT, data LONGBLOB,
      CONSTRAINT users_company FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE SET NULL) ${options}`,
    `CREATE TABLE tokens (id INT PRIMARY KEY, token VARCHAR(100)) ${options}`,
    `CREATE TABLE \`odd \`\`name; 'x" --\` (\`a\`\`b;\` INT PRIMARY KEY, \`select\` VARCHAR(20) DEFAULT 'USE x;') ${options}`,
    `CREATE TABLE audit (id INT PRIMARY KEY AUTO_INCREMENT, definer VARCHAR(20), what TEXT) ${options}`,
    "INSERT INTO companies VALUES (1, NULL, 'shop'), (2, 1, 'USE shop;')",
    "INSERT INTO tokens VALUES (1, 'secret')",
    "INSERT INTO `odd ``name; 'x\" --` VALUES (-1, '--'), (2, '/*')",
    `CREATE VIEW company_names AS SELECT u.id, c.name, trim(BOTH 'x' FROM c.name) AS trimmed, '${database}.users' AS text
      FROM users u JOIN ${database}.companies c ON c.id = u.company_id`,
    `CREATE SQL SECURITY INVOKER VIEW \`view; of views\` AS SELECT n.*, (SELECT COUNT(*) FROM ${database}.tokens) AS tokens
      FROM company_names n`,
    `CREATE FUNCTION company_count(minimum INT) RETURNS INT READS SQL DATA COMMENT 'it''s; a \`${database}\` thing'
      BEGIN
        DECLARE text TEXT DEFAULT 'USE production; -- it''s';
        -- a comment with a quote: it's ; here
        RETURN (SELECT COUNT(*) FROM \`${database}\`.companies c WHERE c.id >= minimum);
      END`,
    `CREATE PROCEDURE note_all(OUT counted INT) MODIFIES SQL DATA
      BEGIN
        /* another; comment with a quote: " */
        INSERT INTO ${database} . audit (what) SELECT ${database}.users.note FROM ${database}.users WHERE users.note <> 'x''; \\\\';
        UPDATE ${database}.audit a, ${database}.users u SET a.what = 'done', a.definer = 'me' WHERE a.id = u.id AND definer = 'you';
        SELECT ${database}.company_count(0) INTO counted;
      END`,
    `CREATE TRIGGER users_audit AFTER INSERT ON ${database}.users FOR EACH ROW
      BEGIN
        IF NEW.note <> 'x;' THEN INSERT INTO ${database}.audit (definer, what) VALUES ('trigger', 'one; more'); END IF;
      END`,
    `CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE
      DO DELETE FROM ${database}.audit WHERE definer = 'event;'`,
  ];
}
