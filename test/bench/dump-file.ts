// A dump to rewrite, as mysqldump writes one: wide rows in INSERTs of about a megabyte, several tables, keys.
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const TABLES = 8;
/** mysqldump's net_buffer_length, unless told otherwise: https://dev.mysql.com/doc/refman/8.4/en/mysqldump.html */
const INSERT_BYTES = 1_046_528;

/** Writes a plain dump, of about 220 bytes a row, to `path`. */
export async function makeDump(path: string, rows: number): Promise<void> {
  await pipeline(Readable.from(statements(rows)), createWriteStream(path));
}

function* statements(rows: number): Generator<string> {
  yield "-- MySQL dump 10.13  Distrib 8.0.41, for Linux (x86_64)\n/*!50503 SET NAMES utf8mb4 */;\n";
  yield "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n";
  yield "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;\n\nUSE `shop`;\n";
  for (let table = 0; table < TABLES; table++) yield* tableOf(`table_${table}`, Math.ceil(rows / TABLES));
  yield "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n-- Dump completed on 2026-11-22 17:11:04\n";
}

function* tableOf(name: string, count: number): Generator<string> {
  yield `DROP TABLE IF EXISTS \`${name}\`;
CREATE TABLE \`${name}\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT,
  \`email\` varchar(120) NOT NULL,
  \`name\` varchar(120) NOT NULL,
  \`address\` varchar(255) DEFAULT NULL,
  \`token\` varbinary(32) NOT NULL,
  \`note\` text,
  \`total\` decimal(10,2) NOT NULL,
  \`created_at\` datetime NOT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`by_email\` (\`email\`),
  KEY \`by_name\` (\`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
LOCK TABLES \`${name}\` WRITE;
`;
  for (let id = 1; id <= count;) {
    const rows: string[] = [];
    for (let length = 0; length < INSERT_BYTES && id <= count;) {
      const row = rowOf(id++);
      rows.push(row);
      length += row.length + 1;
    }
    yield `INSERT INTO \`${name}\` VALUES ${rows.join(",")};\n`;
  }
  yield "UNLOCK TABLES;\n";
}

function rowOf(id: number): string {
  const token = (id * 2_654_435_761).toString(16).padStart(16, "0").slice(-16).repeat(4);
  const note =
    id % 9 === 0 ? `It\\'s about order ${id}; said \\"no\\"\\n` : `Called on day ${id % 365} ${".".repeat(id % 80)}`;
  return `(${id},'user${id}@mail${id % 97}.test','Given${id % 2900} Family${(id * 7) % 39_000}','${id % 900} Long Street Name, Building ${id % 77}',0x${token},'${note}',${(id % 100_000) / 7},'2026-01-${String((id % 28) + 1).padStart(2, "0")} 10:00:00')`;
}
