// `permute`: the values of a column change places among themselves, each for one other.
import { createHash } from "node:crypto";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import type { Masked, Misfit, Named } from "./transform.ts";

/** Longer values are no codes; and MySQL 5.6 indexes 767 bytes of a column. */
const CODE_MAX = 64;

/** The columns of a permutation's table: a value, and the one that takes its place. Names that no column of a copy has. */
export const PERMUTATION = { rank: "understudy_rank", value: "understudy_value", next: "understudy_next" } as const;

/**
 * A bijection on the values present: no new value appears, and different ones stay different. It stands in a table of
 * the ledger, which is made before a row changes, and which permutations.ts puts the ledger's database before.
 */
export function permute({ domain }: Named<"permute">, column: Column, table: Table): Masked | Misfit {
  const kind = kindOf(column);
  const isCode = (kind === "text" || kind === "bytes") && length(column) <= CODE_MAX && !isLob(column);
  if (kind !== "integer" && !isCode) {
    return { fits: false, reason: `\`permute\` is for integers, and for codes of at most ${CODE_MAX} characters` };
  }
  const name = quoteName(column.name);
  const permutation = permutationTable(domain ?? `${table.name}.${column.name}`, column);
  const next = `(SELECT ${PERMUTATION.next} FROM ${quoteName(permutation)} WHERE ${PERMUTATION.value} = ${name})`;
  return {
    fits: true,
    sql: kind === "integer" ? next : `IF(${name} = '', ${name}, ${next})`,
    unchanged: kind === "integer" ? "FALSE" : `${name} = ''`,
    // Every value is another row's afterwards.
    byChance: true,
    distinctWithin: length(column),
    permutation,
  };
}

/** A column of the permutation's own table, where values compare as they do in the column. */
export function permutationType(column: Column): string {
  // Without an integer's display width, which says nothing.
  if (kindOf(column) === "integer") return column.columnType.replace(/\(\d+\)/, "");
  if (kindOf(column) !== "text") return column.columnType;
  return `${column.columnType} CHARACTER SET ${column.characterSet} COLLATE ${column.collation}`;
}

/** Named by what it is of: columns of one domain and type share it. */
export function permutationTable(domain: string, column: Column): string {
  const what = createHash("sha256")
    .update(`${domain}\0${permutationType(column)}`)
    .digest("hex");
  return `permutation_${what.slice(0, 16)}`;
}

function length(column: Column): number {
  return column.maxCharacters ?? column.maxBytes ?? 0;
}

function isLob(column: Column): boolean {
  return /text|blob/.test(column.dataType);
}
