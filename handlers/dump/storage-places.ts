// Where the source's server keeps a table's files: general tablespaces and directories that the target does not have.
import type { Edit, Statement } from "./statement.ts";
import { readTable } from "./table-elements.ts";

/** LOGFILE GROUP is what NDB's tablespaces are made of. */
const STORAGE_OBJECTS = /^(?:ALTER|CREATE|DROP) (?:LOGFILE|TABLESPACE)$/;

/**
 * Leaves out tablespaces, and the options by which tables and partitions lie in one, or in a directory. Each table then has
 * a file of its own in the database's directory. Making a tablespace needs the privilege CREATE TABLESPACE.
 */
export function dropStoragePlaces({ kind, source, tokens }: Statement): "drop" | Edit[] {
  if (STORAGE_OBJECTS.test(kind)) return "drop";
  const options = kind === "CREATE TABLE" ? (readTable(source, tokens)?.options ?? []) : [];
  return options.flatMap((token, at) => {
    const next = options[at + 1];
    const isPlace =
      token.keyword === "TABLESPACE" || (["DATA", "INDEX"].includes(token.keyword) && next?.keyword === "DIRECTORY");
    if (!isPlace) return [];
    const value = token.keyword === "TABLESPACE" ? at + 1 : at + 2;
    const last = options[options[value]?.source === "=" ? value + 1 : value];
    return last ? [{ start: token.start, end: last.end, text: "" }] : [];
  });
}
