// What the proof notes beside the ledger: facts from before masking, and how far its own looks are. Never a value, but for kept keys.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteTable } from "../../mysql/identifiers.ts";
import { textLiteral } from "../../mysql/literals.ts";
import type { MaskingJob } from "../job.ts";
import { fingerprint } from "../keyed.ts";
import { ledgerDatabase, workOf, type Ledger } from "../ledger.ts";
import { inTransaction, once } from "../transaction.ts";
import type { Step } from "../workers.ts";
import type { TablePlan } from "../plan.ts";
import { ROW_KEY_BYTES } from "./row-identity.ts";

export interface ProofRecords {
  /** A record's JSON by the step's name; undefined until it is noted. */
  read(step: string): unknown;
  /**
   * The step that does `look` once and notes what it returns, in one transaction.
   *
   * @param open comes before the transaction: a statement on a table's definition may commit, or may not stand in one
   */
  step(table: TablePlan, step: string, look: Look, open?: Look): Step;
  /** Notes how far a step is; it may be noted again. */
  note(session: WriteSession, step: string, fact: unknown): Promise<void>;
  /** A table of the proof's own. */
  name(table: ProofTable): string;
}

type Look = (session: WriteSession) => Promise<unknown>;

type ProofTable = "proof_notes" | "proof_fingerprints" | "proof_rows";

/** Rows about a column go with its row in the ledger. */
function definitions(ledger: Ledger): Record<ProofTable, string> {
  const ofColumn = `FOREIGN KEY (column_id) REFERENCES ${ledger.name("mask_columns")} (id) ON DELETE CASCADE`;
  return {
    proof_notes: `copy VARCHAR(64) NOT NULL, work CHAR(64) NOT NULL, step VARBINARY(600) NOT NULL, fact LONGTEXT,
      PRIMARY KEY (copy, work, step)`,
    proof_fingerprints: `column_id INT UNSIGNED NOT NULL, part INT UNSIGNED NOT NULL, prints LONGBLOB NOT NULL,
      PRIMARY KEY (column_id, part), ${ofColumn}`,
    // A row of a table, for several columns: by the first of them.
    proof_rows: `column_id INT UNSIGNED NOT NULL, row_key VARBINARY(${ROW_KEY_BYTES}) NOT NULL, digests VARBINARY(1000) NOT NULL,
      PRIMARY KEY (column_id, row_key), ${ofColumn}`,
  };
}

/** Opens the notes of this copy, run and plan; those of others are thrown away. */
export async function openRecords(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<ProofRecords> {
  for (const [table, definition] of Object.entries(definitions(ledger))) {
    await session.run(
      `CREATE TABLE IF NOT EXISTS ${quoteTable(ledgerDatabase(job), table)} (${definition})
       ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT = DYNAMIC`,
    );
  }
  const { notes, copy, work } = placeOf(job);
  await inTransaction(session, () => session.run(`DELETE FROM ${notes} WHERE copy = ${copy} AND work <> '${work}'`));
  return readRecords(session, job);
}

/** The notes as they are now. They were opened before. */
export async function readRecords(session: WriteSession, job: MaskingJob): Promise<ProofRecords> {
  const { notes, copy, work } = placeOf(job);
  const rows = await session.query<{ step: string; fact: string }>(
    `SELECT CONVERT(step USING utf8mb4) AS step, fact FROM ${notes} WHERE copy = ${copy} AND work = '${work}'`,
  );
  const noted = new Map(rows.map(({ step, fact }) => [step, JSON.parse(fact) as unknown]));
  const own = (step: string) => `copy = ${copy} AND work = '${work}' AND step = ${textLiteral(step)}`;
  const insert = (step: string, fact: unknown) =>
    `INTO ${notes} (copy, work, step, fact) VALUES (${copy}, '${work}', ${textLiteral(step)}, ${textLiteral(JSON.stringify(fact))})`;
  return {
    name: (table) => quoteTable(ledgerDatabase(job), table),
    read: (step) => noted.get(step),
    step: (table, step, look, open) => ({
      table,
      async run(worker) {
        await open?.(worker);
        await once(worker, `INSERT IGNORE ${insert(step, null)}`, async () => {
          const fact = (await look(worker)) ?? true;
          await worker.run(`UPDATE ${notes} SET fact = ${textLiteral(JSON.stringify(fact))} WHERE ${own(step)}`);
        });
      },
    }),
    async note(worker, step, fact) {
      await worker.run(`REPLACE ${insert(step, fact)}`);
    },
  };
}

function placeOf(job: MaskingJob): { notes: string; copy: string; work: string } {
  return {
    notes: quoteTable(ledgerDatabase(job), "proof_notes" satisfies ProofTable),
    copy: textLiteral(job.database),
    work: fingerprint(job.key, `${job.run}:${workOf(job.plan)}`),
  };
}

/** What was to be noted before masking and is not there: the proof cannot be given. */
export function notChecked(what: string): FatalError {
  return new FatalError(
    "MASK_NOT_CHECKED",
    `${what} were not remembered in full before masking began, so it cannot be proven. Abandon the run and request a new one.`,
  );
}
