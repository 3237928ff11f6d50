// The conditions of `preserve`: how they stand in a statement, and what a server says that does not take them.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { telling } from "./errors.ts";

/** The condition may end in a comment. */
export function rowsOfRule(
  database: string,
  { table, where }: { readonly table: string; readonly where: string },
): string {
  return `FROM ${quoteTable(database, table)} WHERE (${where}\n)`;
}

/**
 * Has staging parse the rules' conditions, without reading a row.
 * https://dev.mysql.com/doc/refman/8.4/en/limit-optimization.html: LIMIT 0 is for checking that a query is valid.
 *
 * @throws FatalError `PRESERVE_WHERE`
 */
export async function checkConditions(
  staging: ReadSession,
  database: string,
  rules: readonly { readonly table: string; readonly where?: string }[],
): Promise<void> {
  await staging.query(`USE ${quoteName(database)}`);
  for (const { table, where } of rules) {
    if (where === undefined) continue;
    await telling(`looking at the rule to preserve \`${table}\``, () =>
      refusingCondition(table, () => staging.query(`SELECT 1 ${rowsOfRule(database, { table, where })} LIMIT 0`)),
    );
  }
}

/** Errors of parsing and resolving names: 1054, 1064, 1109, 1146, 1305 are the condition's own. */
export async function refusingCondition(table: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isMySqlError(error) || ![1054, 1064, 1109, 1146, 1305].includes(error.errno)) throw error;
    throw new FatalError(
      "PRESERVE_WHERE",
      `Staging refuses the condition of the rule to preserve \`${table}\` with MySQL error ${error.errno} (${error.code}). Correct its \`where\` in sync.yaml, then replay the run.`,
    );
  }
}
