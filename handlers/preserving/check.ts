// Decides, before anything is written to the copy, whether the rows can stand there: rules, references, keys.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { checkComputedKeys } from "./check-computed-keys.ts";
import { checkKey } from "./check-keys.ts";
import { checkNulls } from "./check-nulls.ts";
import { checkReference } from "./check-references.ts";
import { found, type Finding } from "./findings.ts";
import { checkMatch } from "./match.ts";
import { count, type Merging } from "./merging.ts";
import { tableOf } from "./preserve-plan.ts";
import { sideBySide } from "./side-by-side.ts";

/** What to do about each kind of finding; kinds are told one at a time, the first here first. */
const REMEDIES: Readonly<Record<string, string>> = {
  PRESERVE_RULE_MATCHES_PRODUCTION:
    "Such rows would be carried once more with every sync. Give the rule a condition that is true for staging's own rows alone, in the masked copy too",
  PRESERVE_REFERENCE_CONFLICT: "Correct these rows in staging so that their foreign keys agree",
  PRESERVE_DOCUMENT_BROKEN:
    "Correct these documents in staging, or say `parents: null` or `carry`, so that they are carried as they are",
  PRESERVE_PARENT_MISSING:
    "Carry these parents too, with `parents: carry` or a rule of their own, or let the rows refer to something that production has",
  PRESERVE_PARENT_DIFFERS:
    "Carry these parents too, with `parents: carry` or a rule of their own, or let the rows refer to something that production has",
  PRESERVE_TRIGGERS: "They would fire for the preserved rows. Drop them on the replica",
  PRESERVE_MATCH:
    "Say by `on_match` what becomes of them (`keep-production`, `overwrite` or `rename`), or change these rows in staging",
  PRESERVE_VALUE_REQUIRED: "Fill these columns in staging, or let them be NULL in production",
  PRESERVE_KEY_CLASH: "Give these rows other keys in staging, or preserve fewer rows",
  PRESERVE_UNIQUE_CLASH: "Change the values of that key in staging, or preserve fewer rows",
};

/** @throws FatalError with one of the codes above, all findings of its kind together: names and counts, no values */
export async function check(context: Merging): Promise<void> {
  const { plan, open } = context;
  const looks: ((context: Merging) => Promise<Finding[]>)[] = [
    ...plan.rules.map(
      ({ table, where }) =>
        (on: Merging) =>
          checkRule(on, table, where),
    ),
    checkTriggers,
    ...[...plan.references.keys()].map((i) => (on: Merging) => checkReference(on, i)),
    ...plan.tables.flatMap((table) => [
      (on: Merging) => checkMatch(on, table),
      (on: Merging) => checkNulls(on, table),
      (on: Merging) => checkComputedKeys(on, table),
      ...table.uniqueKeys.map((key) => (on: Merging) => checkKey(on, table, key)),
    ]),
  ];
  const findings = await sideBySide(
    open,
    looks.map((look) => (session: WriteSession) => look({ ...context, session })),
  );
  for (const [code, remedy] of Object.entries(REMEDIES)) {
    const facts = findings
      .flat()
      .filter((finding) => finding.code === code)
      .map((finding) => finding.fact);
    if (facts.length === 0) continue;
    throw new FatalError(code, `Nothing was carried over, as ${facts.join("; ")}. ${remedy}, then replay the run.`);
  }
}

/**
 * A rule must tell staging's own rows from production's: next time, staging holds both. Where production's row stands for
 * staging's by `match`, it will the next time too.
 */
async function checkRule(context: Merging, table: string, where: string): Promise<Finding[]> {
  const { session, database } = context;
  try {
    await session.query(`USE ${quoteName(database)}`);
    const { match } = tableOf(context.plan, table);
    const stands = match?.onMatch.kind === "keep-production" ? match.columns : [];
    const anew = stands.map((column) => `${quoteName(column)} IS NULL`);
    const matching = await count(
      context,
      `${quoteTable(database, table)} WHERE (${where}\n)${anew.length > 0 ? ` AND (${anew.join(" OR ")})` : ""}`,
    );
    return found(
      matching,
      "PRESERVE_RULE_MATCHES_PRODUCTION",
      (n) => `the rule to preserve \`${table}\` is true for ${n} of production's rows`,
    );
  } catch (error) {
    // It names a table or column that production does not have, so it is true for none of production's rows.
    if (isMySqlError(error) && [1054, 1146].includes(error.errno)) return [];
    throw error;
  }
}

/** A copy that was loaded by us has none. */
async function checkTriggers({ plan, session, database }: Merging): Promise<Finding[]> {
  const triggers = await session.query<{ name: string; n: string }>(
    `SELECT event_object_table AS name, COUNT(*) AS n FROM information_schema.triggers
     WHERE event_object_schema = ? GROUP BY event_object_table ORDER BY 1`,
    [database],
  );
  const carried = new Set(plan.tables.map(({ name }) => name));
  return triggers
    .filter(({ name }) => carried.has(name))
    .map(({ name, n }) => ({ code: "PRESERVE_TRIGGERS", fact: `\`${name}\` has ${n} triggers in the copy` }));
}
