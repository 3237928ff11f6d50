// What must be the same before the export and after the import: rows of each table, orphans of each foreign key.
import { countOrphans } from "../mysql/orphans.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { Schema } from "../mysql/schema.ts";

export interface Fact {
  /** As an error names it: ``rows of `users` ``. No two facts of a schema have the same. */
  readonly name: string;
  /** Gives one number, as `found`. */
  readonly sql: string;
}

/** The facts of a database, in an order that two schemas with the same tables share. */
export function factsOf({ database, tables }: Schema): Fact[] {
  return [...tables.values()].flatMap((table) => [
    { name: `rows of \`${table.name}\``, sql: `SELECT COUNT(*) AS found FROM ${quoteTable(database, table.name)}` },
    ...table.foreignKeys.map((key) => ({
      name: `orphans of \`${table.name}.${key.name}\``,
      sql: countOrphans(database, key),
    })),
  ]);
}
