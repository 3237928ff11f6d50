// The preparations of a plan, carried out: each once, in a transaction with the row that says so.
import type { WriteSession } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";
import type { Ledger, LedgerTable, Whole } from "./ledger.ts";
import { createPermutation, permuteValues } from "./permute-values.ts";
import { spellAsParents } from "./spelling.ts";
import { once } from "./transaction.ts";
import type { Step } from "./workers.ts";

/** A preparation with the table whose row in the ledger says that it is done. */
interface Work {
  readonly table: LedgerTable;
  readonly name: string;
  /** Before the transaction: a statement on a table's definition commits by itself. */
  open?(session: WriteSession): Promise<void>;
  run(session: WriteSession): Promise<void>;
}

/** The plan's preparations that are not done. All must have ended before a row is masked: they read originals. */
export async function valueSteps(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Step[]> {
  const rows = await session.query<{ id: Whole; name: string }>(
    `SELECT table_id AS id, name FROM ${ledger.name("mask_preparations")}`,
  );
  const done = new Set(rows.map(({ id, name }) => `${id}/${name}`));
  return worksOf(job, ledger)
    .filter(({ table, name }) => !done.has(`${table.id}/${name}`))
    .map((work) => ({ table: work.table.plan, run: (worker) => carryOut(worker, ledger, work) }));
}

function worksOf(job: MaskingJob, ledger: Ledger): Work[] {
  const preparations = job.plan.preparations ?? [];
  const permutations = preparations.filter((preparation) => preparation.kind === "permutation");
  // In one step: a child is spelled as its parent is, and the child's own children after it.
  const spellings = preparations.filter((preparation) => preparation.kind === "spelling");
  return [
    ...spellings.slice(0, 1).map(({ child }) => ({
      table: tableOf(ledger, child),
      name: "spelling",
      run: (session: WriteSession) => spellAsParents(session, job, spellings),
    })),
    ...permutations.map((permutation) => ({
      table: tableOf(ledger, permutation.columns[0]?.table),
      name: permutation.name,
      open: (session: WriteSession) => createPermutation(session, job, permutation),
      run: (session: WriteSession) => permuteValues(session, job, permutation),
    })),
  ];
}

function tableOf({ tables }: Ledger, name: string | undefined): LedgerTable {
  const table = tables.find(({ plan }) => plan.table === name);
  if (!table) throw new TypeError(`The ledger has no table \`${name}\`.`);
  return table;
}

async function carryOut(session: WriteSession, ledger: Ledger, { table, name, open, run }: Work): Promise<void> {
  await open?.(session);
  // The INSERT passes over a row that is there, and waits for one that somebody else is about to make.
  const claim = `INSERT IGNORE INTO ${ledger.name("mask_preparations")} (table_id, name)
    VALUES (${table.id}, ${textLiteral(name)})`;
  await once(session, claim, () => run(session));
}
