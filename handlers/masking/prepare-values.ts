// The preparations of a plan, carried out: each once, in a transaction with the row that says so.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";
import { keyedHash } from "./keyed.ts";
import { ledgerDatabase, type Ledger, type LedgerTable, type Whole } from "./ledger.ts";
import type { Permutation, Spelling } from "./plan.ts";
import { once } from "./transaction.ts";
import { PERMUTATION } from "./transforms/permute.ts";
import type { Step } from "./workers.ts";

const { rank, value, next } = PERMUTATION;

/**
 * The plan's preparations as steps, of which those that are done do nothing. All must have ended before a row is masked:
 * they read originals.
 */
export function valueSteps(job: MaskingJob, ledger: Ledger): Step[] {
  const preparations = job.plan.preparations ?? [];
  // In one step: a child is spelled as its parent is, and the child's own children after it.
  const spellings = preparations.filter((preparation) => preparation.kind === "spelling");
  const permutations = preparations.filter((preparation) => preparation.kind === "permutation");
  const [spelling] = spellings;
  return [
    ...(spelling
      ? [stepOf(ledger, spelling.child, (session, table) => spellAll(session, job, ledger, table, spellings))]
      : []),
    ...permutations.flatMap((permutation) =>
      permutation.columns
        .slice(0, 1)
        .map(({ table: name }) =>
          stepOf(ledger, name, (session, table) => permuteValues(session, job, ledger, table, permutation)),
        ),
    ),
  ];
}

function stepOf(ledger: Ledger, name: string, run: (session: WriteSession, table: LedgerTable) => Promise<void>): Step {
  const table = ledger.tables.find(({ plan }) => plan.table === name);
  if (!table) throw new TypeError(`The ledger has no table \`${name}\`.`);
  return { table: table.plan, run: (session) => run(session, table) };
}

/** The INSERT finds the row there when it is done; one that somebody else is about to make, it waits for. */
function claim(ledger: Ledger, { id }: LedgerTable, name: string): string {
  return `INSERT IGNORE INTO ${ledger.name("mask_preparations")} (table_id, name) VALUES (${id}, ${textLiteral(name)})`;
}

async function spellAll(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  spellings: readonly Spelling[],
): Promise<void> {
  await once(session, claim(ledger, table, "spelling"), async () => {
    // A child's column may have children of its own, which are next.
    await session.run("SET SESSION foreign_key_checks = 0");
    for (const spelling of spellings) await session.run(spellingStatement(job.database, spelling));
    await session.run("SET SESSION foreign_key_checks = 1");
    for (const spelling of spellings) await checkSpelling(session, job, spelling);
  });
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

/**
 * Writes the values down in the order of their keyed hashes, and gives each the one after it: a single cycle, so that no
 * value stays where it is unless it is the only one. Without window functions, which MySQL 5 lacks: ranks are
 * AUTO_INCREMENT's, and lie one increment apart within a statement.
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
 */
async function permuteValues(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  of: LedgerTable,
  permutation: Permutation,
): Promise<void> {
  const table = quoteTable(ledgerDatabase(job), permutation.name);
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${table} (${rank} BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
       ${value} ${permutation.type} NOT NULL, ${next} ${permutation.type} NULL, UNIQUE KEY (${value}), UNIQUE KEY (${next}))
     ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
  );
  await once(session, claim(ledger, of, permutation.name), async () => {
    await session.run(`DELETE FROM ${table}`);
    const { affectedRows: values } = await session.run(
      `INSERT INTO ${table} (${value}) SELECT v FROM (${valuesOf(job.database, permutation)}) present
       ORDER BY ${keyedHash("permute", `CONCAT(${textLiteral(`${permutation.domain}:`)}, v)`)}`,
    );
    await session.run(
      `UPDATE ${table} a JOIN ${table} b ON b.${rank} = a.${rank} + @@SESSION.auto_increment_increment
       SET a.${next} = b.${value}`,
    );
    const { affectedRows: last } = await session.run(
      `UPDATE ${table} SET ${next} = (SELECT v FROM (SELECT ${value} AS v FROM ${table} ORDER BY ${rank} LIMIT 1) first)
       WHERE ${next} IS NULL`,
    );
    if (values > 0 && last !== 1) throw new TypeError("The ranks of a permutation have gaps.");
  });
}

/** Each value once, whichever columns have it. Of texts that compare as equal the first column's, and its lowest. */
function valuesOf(database: string, { columns, isText }: Permutation): string {
  const selects = columns.map(({ table, column }, i) => {
    const name = quoteName(column);
    const from = `FROM ${quoteTable(database, table)}`;
    return isText
      ? `SELECT ${name} AS t, MIN(CONCAT('${ordinal(i)}', CAST(CONVERT(${name} USING utf8mb4) AS BINARY))) AS b ${from}
         WHERE ${name} <> '' GROUP BY ${name}`
      : `SELECT ${name} AS v ${from} WHERE ${name} IS NOT NULL`;
  });
  if (!isText) return selects.length === 1 ? selects[0]!.replace("SELECT", "SELECT DISTINCT") : selects.join(" UNION ");
  const spelled = `SUBSTRING(MIN(b), ${ordinal(0).length + 1})`;
  return `SELECT CONVERT(${spelled} USING utf8mb4) AS v FROM (${selects.join(" UNION ALL ")}) texts GROUP BY t`;
}

/** Sorts as text as the number does. */
function ordinal(i: number): string {
  return String(i).padStart(6, "0");
}
