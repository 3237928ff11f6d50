// Staging's rows that have values of work rows.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { canBeJoined, copyJoined } from "./joined-rows.ts";
import type { Collecting } from "./pages.ts";
import { copyRows, type Target } from "./staging-rows.ts";

/** A condition on staging's rows, and its bound values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const ALL: Condition = { sql: "TRUE", values: [] };

/** Values of the first query: how many rows have them is not known yet. */
const FIRST_VALUES = 100;

/**
 * Copies the rows of one of staging's tables whose `columns` have one of the given values: a page of these with each call.
 *
 * Where the server can join rows into one text, a query names so many values that their rows nearly fill it.
 *
 * @param only a further condition on them
 */
export function matchingCopier(
  { staging, stagingDatabase, session }: Collecting,
  table: string,
  columns: readonly string[],
  target: Target,
  only: Condition = ALL,
  choose?: Parameters<typeof copyRows>[4],
): (values: readonly unknown[][]) => Promise<void> {
  const rowsOf = (values: readonly unknown[][]) => {
    const matching = isOneOf(columns, values);
    const from = `FROM ${quoteTable(stagingDatabase, table)} WHERE ${matching.sql} AND ${only.sql}`;
    return { from, values: [...matching.values, ...only.values] };
  };
  if (choose || !canBeJoined(target)) return (values) => copyRows(staging, rowsOf(values), session, target, choose);
  let atOnce = FIRST_VALUES;
  return async (values) => {
    for (let at = 0; at < values.length;) {
      const some = values.slice(at, at + atOnce);
      const filled = await copyJoined(staging, rowsOf(some), session, target);
      if (filled > 1 && some.length > 1) {
        atOnce = Math.ceil(some.length / 2);
        continue;
      }
      if (filled > 1) await copyRows(staging, rowsOf(some), session, target);
      else atOnce = Math.max(1, Math.floor((0.8 * some.length) / filled));
      at += some.length;
    }
  };
}

function isOneOf(columns: readonly string[], values: readonly unknown[][]): Condition {
  const names = columns.map(quoteName);
  if (names.length === 1) return { sql: `${names.join()} IN (?)`, values: [values.flat()] };
  // MySQL 5.6 reads the whole table for a list of tuples, but finds single values and alternatives by a key.
  return { sql: `(${values.map(() => `(${names.join(" = ? AND ")} = ?)`).join(" OR ")})`, values: values.flat() };
}
