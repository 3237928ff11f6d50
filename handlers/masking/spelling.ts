// A child's text is written as its parent's: equal to the foreign key, the two would be masked to different values.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";
import type { Whole } from "./ledger.ts";
import type { Spelling } from "./plan.ts";

/**
 * Inside a transaction, before a row is masked.
 *
 * @param spellings parents first: a child's column may have children of its own
 * @throws FatalError `MASK_FOREIGN_KEY` for a column with two parents that are spelled differently
 */
export async function spellAsParents(
  session: WriteSession,
  job: MaskingJob,
  spellings: readonly Spelling[],
): Promise<void> {
  await session.run("SET SESSION foreign_key_checks = 0");
  for (const spelling of spellings) await session.run(spellingStatement(job.database, spelling));
  await session.run("SET SESSION foreign_key_checks = 1");
  for (const spelling of spellings) await checkSpelling(session, job, spelling);
}

/** Parent and child are equal to the foreign key, and are made so byte by byte. */
function spellingStatement(database: string, spelling: Spelling): string {
  const spelled = spelling.columns.filter(({ isSpelled }) => isSpelled);
  const set = [
    ...spelled.map(({ child, parent }) => `c.${quoteName(child)} = p.${quoteName(parent)}`),
    ...spelling.unmoved.map((column) => `c.${quoteName(column)} = c.${quoteName(column)}`),
  ];
  return `UPDATE ${joined(database, spelling)} SET ${set.join(", ")} WHERE ${differs(spelling)}`;
}

/** A column with two parents could take the spelling of one alone. */
async function checkSpelling(session: WriteSession, { database }: MaskingJob, spelling: Spelling): Promise<void> {
  const [count] = await session.query<{ found: Whole }>(
    `SELECT COUNT(*) AS found FROM ${joined(database, spelling)} WHERE ${differs(spelling)}`,
  );
  const found = Number(count?.found);
  if (found === 0) return;
  throw new FatalError(
    "MASK_FOREIGN_KEY",
    `${found} rows of \`${spelling.child}\` refer to \`${spelling.parent}\` by a text that is equal to their parents' but not the same, and cannot be given its spelling, as the column refers to another table too. Correct them on production, or \`keep\` both.`,
  );
}

function joined(database: string, { child, parent, columns }: Spelling): string {
  const on = columns.map((pair) => `c.${quoteName(pair.child)} = p.${quoteName(pair.parent)}`);
  return `${quoteTable(database, child)} c JOIN ${quoteTable(database, parent)} p ON ${on.join(" AND ")}`;
}

function differs({ columns }: Spelling): string {
  const pairs = columns.filter(({ isSpelled }) => isSpelled);
  const bytes = (alias: string, name: string) => `CAST(${alias}.${quoteName(name)} AS BINARY)`;
  return `(${pairs.map(({ child, parent }) => `${bytes("c", child)} <> ${bytes("p", parent)}`).join(" OR ")})`;
}
