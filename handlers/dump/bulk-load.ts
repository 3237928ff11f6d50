// Percona's mysqldump asks the server around the rows whether it has RocksDB, to load them faster there.
import type { Statement } from "./statement.ts";

const VARIABLE = String.raw`@\w*(?:rocksdb|bulk_load)\w*`;
const BULK_LOAD = new RegExp(
  String.raw`^/\*!\d+\s(?:${[
    String.raw`SELECT COUNT\(\*\) INTO ${VARIABLE} FROM INFORMATION_SCHEMA\.[^;]*`,
    String.raw`SET ${VARIABLE}\s*=[^;]*`,
    String.raw`PREPARE s FROM ${VARIABLE}`,
    String.raw`EXECUTE s(?: USING ${VARIABLE})?`,
    String.raw`DEALLOCATE PREPARE s`,
  ].join("|")}) \*/$`,
  "i",
);

/**
 * Whether the statement is one of those. None of them is needed, so they are left out: what PREPARE runs stands in a text, and
 * nobody could tell whether it stays in its database.
 *
 * https://github.com/percona/percona-server/blob/8.0/client/mysqldump.cc, `write_header()`
 */
export function asksForBulkLoad({ source }: Statement): boolean {
  return BULK_LOAD.test(source);
}
