// The ledger's tables. The wipe after a run drops them with their database, so no later version meets an older one's.
import { quoteTable } from "../mysql/identifiers.ts";
import { PROOF_DIGEST_BYTES } from "./keyed.ts";

export type LedgerName =
  | "mask_runs"
  | "mask_rows"
  | "mask_tables"
  | "mask_preparations"
  | "mask_keys"
  | "mask_columns"
  | "mask_chunks"
  | "mask_originals";

/** Statements that make what is not there, in the order of the tables' foreign keys. */
export function ledgerTables(database: string): string[] {
  const name = (table: LedgerName) => quoteTable(database, table);
  return Object.entries(definitions(name)).map(
    ([table, definition]) => `CREATE TABLE IF NOT EXISTS ${quoteTable(database, table)} (${definition})
      ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT = DYNAMIC`,
  );
}

function definitions(name: (table: LedgerName) => string): Record<LedgerName, string> {
  const belongsTo = (column: string, parent: LedgerName) =>
    `FOREIGN KEY (${column}) REFERENCES ${name(parent)} (id) ON DELETE CASCADE`;
  return {
    mask_runs: "copy VARCHAR(64) PRIMARY KEY, run VARCHAR(190) NOT NULL, work CHAR(64) NOT NULL",
    // Of the rows that stay behind: where the walk through the table is, whether it has ended, whether no row is left
    // whose parent stayed behind; rows deleted, and references emptied.
    mask_rows: `copy VARCHAR(64) NOT NULL, name VARCHAR(64) NOT NULL, high LONGTEXT,
      walked TINYINT NOT NULL DEFAULT 0, settled TINYINT NOT NULL DEFAULT 0, deleted BIGINT NOT NULL DEFAULT 0,
      emptied BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (copy, name)`,
    // Where the ranges end in which the proof reads it. Of its chunks: how many are handed out and with how many rows,
    // where the last of them ends, whether it is the table's last, and how large the next should be.
    mask_tables: `id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, copy VARCHAR(64) NOT NULL, name VARCHAR(64) NOT NULL,
      prepared TINYINT NOT NULL DEFAULT 0, rows_before BIGINT NOT NULL DEFAULT 0, ends LONGTEXT,
      chunks INT UNSIGNED NOT NULL DEFAULT 0, handed_rows BIGINT NOT NULL DEFAULT 0, high LONGTEXT,
      walked TINYINT NOT NULL DEFAULT 0, chunk_rows INT UNSIGNED NOT NULL DEFAULT 0,
      key_state ENUM('untouched', 'remembered', 'dropped', 'restored') NOT NULL DEFAULT 'untouched',
      UNIQUE KEY (copy, name)`,
    // A row is there when it is done.
    mask_preparations: `table_id INT UNSIGNED NOT NULL, name VARCHAR(190) NOT NULL, PRIMARY KEY (table_id, name),
      ${belongsTo("table_id", "mask_tables")}`,
    mask_keys: `table_id INT UNSIGNED NOT NULL, position INT UNSIGNED NOT NULL, name VARCHAR(64) NOT NULL,
      definition LONGTEXT NOT NULL, dropped TINYINT NOT NULL, PRIMARY KEY (table_id, position),
      ${belongsTo("table_id", "mask_tables")}`,
    mask_columns: `id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, table_id INT UNSIGNED NOT NULL,
      name VARCHAR(64) NOT NULL, sampled TINYINT NOT NULL DEFAULT 0, originals INT NOT NULL DEFAULT 0, sample_below INT UNSIGNED,
      UNIQUE KEY (table_id, name), ${belongsTo("table_id", "mask_tables")}`,
    mask_chunks: `table_id INT UNSIGNED NOT NULL, chunk INT UNSIGNED NOT NULL, low LONGTEXT, high LONGTEXT,
      done TINYINT NOT NULL DEFAULT 0, masked_rows BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (table_id, chunk),
      ${belongsTo("table_id", "mask_tables")}`,
    mask_originals: `column_id INT UNSIGNED NOT NULL, digest BINARY(${PROOF_DIGEST_BYTES}) NOT NULL,
      PRIMARY KEY (column_id, digest), ${belongsTo("column_id", "mask_columns")}`,
  };
}
