// The conditions of `preserve`: how they stand in a statement, and what a server says that does not take them.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import type { PreserveRule } from "../../contracts/sync-contract.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { Schema } from "../mysql/schema.ts";
import { telling } from "./errors.ts";
import type { DeclarationFinding } from "./examine-declaration.ts";

/** The condition may end in a comment. */
export function rowsOfRule(
  database: string,
  { table, where }: { readonly table: string; readonly where: string },
): string {
  return `FROM ${quoteTable(database, table)} WHERE (${where}\n)`;
}

/**
 * Has staging parse the conditions of rules for tables that it has, without reading a row.
 * https://dev.mysql.com/doc/refman/8.4/en/limit-optimization.html: LIMIT 0 is for checking that a query is valid.
 */
export async function examineConditions(
  staging: ReadSession,
  { database, tables }: Pick<Schema, "database" | "tables">,
  rules: readonly PreserveRule[],
): Promise<DeclarationFinding[]> {
  await staging.query(`USE ${quoteName(database)}`);
  const findings: DeclarationFinding[] = [];
  for (const [i, { table, where }] of rules.entries()) {
    if (where === undefined || !tables.has(table)) continue;
    const message = await telling(`looking at the rule to preserve \`${table}\``, () =>
      refusal(table, () => staging.query(`SELECT 1 ${rowsOfRule(database, { table, where })} LIMIT 0`)),
    );
    if (message !== undefined) findings.push({ code: "PRESERVE_WHERE", path: ["preserve", i, "where"], message });
  }
  return findings;
}

/** @throws FatalError `PRESERVE_WHERE` where staging refuses the condition that `work` runs */
export async function refusingCondition(table: string, work: () => Promise<unknown>): Promise<void> {
  const message = await refusal(table, work);
  if (message !== undefined) throw refused(message);
}

/** @throws FatalError `PRESERVE_WHERE` */
export async function checkConditions(...of: Parameters<typeof examineConditions>): Promise<void> {
  const findings = await examineConditions(...of);
  if (findings.length > 0) throw refused(findings.map(({ message }) => message).join(" "));
}

function refused(facts: string): FatalError {
  return new FatalError("PRESERVE_WHERE", `${facts} Correct \`where\` in sync.yaml, then replay the run.`);
}

/** Errors of parsing and resolving names: 1054, 1064, 1109, 1146, 1305 are the condition's own. */
async function refusal(table: string, work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!isMySqlError(error) || ![1054, 1064, 1109, 1146, 1305].includes(error.errno)) throw error;
    return `Staging refuses the condition of the rule to preserve \`${table}\` with MySQL error ${error.errno} (${error.code}).`;
  }
}
