// Secondary keys step aside while a large table is masked: remembered, dropped, restored, and compared with the memory.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import { keyTable } from "../mysql/waiting-keys.ts";
import { alterTable, buildKeys, verifyKeys } from "./build-keys.ts";
import { readTotals } from "./chunks.ts";
import { keysToDrop } from "./dropped-keys.ts";
import type { MaskingJob } from "./job.ts";
import { readKeys, type KeyDefinition } from "./key-definitions.ts";
import { ledgerDatabase, type KeyState, type Ledger, type LedgerTable, type Whole } from "./ledger.ts";
import { withTableLock } from "./table-lock.ts";
import { inTransaction } from "./transaction.ts";

/** Measured: with 1,000 rows it makes no difference; from 5,000 on, building keys anew costs less than sorting into them. */
const WORTHWHILE_ROWS = 10_000;
/** A key as the ledger has it. */
interface RememberedKey extends KeyDefinition {
  readonly dropped: boolean;
}

/** True where dropping keys may save time, or some are not there yet. Which is decided when it comes to it. */
export function isWorthwhile(
  { rowsBefore, plan }: LedgerTable,
  { dropKeysFromRows = WORTHWHILE_ROWS }: MaskingJob,
  areWaiting: boolean,
): boolean {
  // Of a table that is rewritten they find duplicates before its originals go.
  return (areWaiting || rowsBefore >= dropKeysFromRows) && !plan.rewritten;
}

/**
 * Remembers the table's keys, then drops those that masking is faster without. Before its first chunk.
 *
 * @param areWaiting the copy was loaded without some of them, and a table beside it has them all
 */
export async function dropKeys(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  areWaiting: boolean,
): Promise<void> {
  const { database } = job;
  await withTableLock(session, job, table.plan.table, async () => {
    const state = await readState(session, ledger, table);
    if (state === "untouched") await rememberKeys(session, job, ledger, table, areWaiting);
    else if (state !== "remembered") return;
    const present = new Set((await readKeys(session, database, table.plan.table)).map(({ name }) => name));
    const remembered = await readRemembered(session, ledger, table);
    const dropping = remembered.filter(({ name, dropped }) => dropped && present.has(name));
    if (dropping.length > 0) {
      const clauses = dropping.map(({ name }) => `DROP KEY ${quoteName(name)}`);
      await alterTable(session, job, table.plan.table, clauses);
    }
    await setState(session, ledger, table, remembered.some(({ dropped }) => dropped) ? "dropped" : "restored");
  });
}

/**
 * Puts back what dropKeys dropped and is not there, and holds all keys against the memory. After the table's last chunk.
 *
 * @param onBegin called when every row is found masked, and keys are about to be built
 * @throws FatalError `MASK_KEYS_DIFFER`; a duplicate under a unique key comes as the server's error
 */
export async function restoreKeys(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  onBegin: () => void,
): Promise<void> {
  await withTableLock(session, job, table.plan.table, async () => {
    if ((await readState(session, ledger, table)) !== "dropped") return;
    // Another engine is at it, and restores them.
    if (!(await readTotals(session, ledger, table)).finished) return;
    const remembered = await readRemembered(session, ledger, table);
    const present = new Set((await readKeys(session, job.database, table.plan.table)).map(({ name }) => name));
    const missing = remembered.filter(({ name, dropped }) => dropped && !present.has(name));
    onBegin();
    await buildKeys(session, job, table.plan.table, missing, table.rowsBefore);
    await verifyKeys(session, job, table.plan.table, remembered);
    await setState(session, ledger, table, "restored");
  });
}

/** In one transaction, so that no key can be dropped that is not remembered. One that is not there yet counts as dropped. */
async function rememberKeys(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  { id, plan }: LedgerTable,
  areWaiting: boolean,
): Promise<void> {
  const present = await readKeys(session, job.database, plan.table);
  const keys = areWaiting ? await readKeys(session, ledgerDatabase(job), keyTable(plan.table)) : present;
  const dropping = await keysToDrop(session, job.database, plan, present);
  const isDropped = (name: string) => dropping.has(name) || !present.some((key) => key.name === name);
  await inTransaction(session, async () => {
    for (const [position, { name, definition }] of keys.entries()) {
      await session.run(
        `INSERT INTO ${ledger.name("mask_keys")} (table_id, position, name, definition, dropped) VALUES
         (${id}, ${position}, ${textLiteral(name)}, ${textLiteral(definition)}, ${isDropped(name) ? 1 : 0})`,
      );
    }
    await setState(session, ledger, { id }, "remembered");
  });
}

async function readRemembered(session: WriteSession, ledger: Ledger, { id }: LedgerTable): Promise<RememberedKey[]> {
  const rows = await session.query<{ name: string; definition: string; dropped: Whole }>(
    `SELECT name, definition, dropped FROM ${ledger.name("mask_keys")} WHERE table_id = ${id} ORDER BY position`,
  );
  return rows.map(({ dropped, ...key }) => ({ ...key, dropped: Number(dropped) === 1 }));
}

async function readState(session: WriteSession, ledger: Ledger, { id }: LedgerTable): Promise<KeyState> {
  const [row] = await session.query<{ state: KeyState }>(
    `SELECT key_state AS state FROM ${ledger.name("mask_tables")} WHERE id = ${id}`,
  );
  return row?.state ?? "untouched";
}

async function setState(
  session: WriteSession,
  ledger: Ledger,
  { id }: Pick<LedgerTable, "id">,
  state: KeyState,
): Promise<void> {
  await session.run(`UPDATE ${ledger.name("mask_tables")} SET key_state = '${state}' WHERE id = ${id}`);
}
