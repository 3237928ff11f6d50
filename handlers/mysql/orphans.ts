// Rows whose foreign key leads nowhere: with foreign_key_checks off, a server never looks for them again.
import { quoteName, quoteTable } from "./identifiers.ts";
import type { ForeignKey } from "./schema.ts";

type Reference = Pick<ForeignKey, "table" | "columns" | "parentTable" | "parentColumns">;

/**
 * The query that counts them, as `found`. A reference with a NULL in it is none (MATCH SIMPLE).
 *
 * @param parents the parent table's database, where it is another
 */
export function countOrphans(database: string, key: Reference, parents = database): string {
  const pairs = key.columns.map((column, i) => [quoteName(column), quoteName(key.parentColumns[i] ?? "")] as const);
  return `SELECT COUNT(*) AS found FROM ${quoteTable(database, key.table)} c
    LEFT JOIN ${quoteTable(parents, key.parentTable)} p ON ${pairs.map(([own, other]) => `p.${other} = c.${own}`).join(" AND ")}
    WHERE ${pairs.map(([own]) => `c.${own} IS NOT NULL`).join(" AND ")} AND p.${pairs[0]?.[1]} IS NULL`;
}
