// Secondary keys step aside while a large table is masked: remembered, dropped, restored, and compared with the memory.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import { readTotals } from "./chunks.ts";
import { keysToDrop } from "./dropped-keys.ts";
import type { MaskingJob } from "./job.ts";
import { readKeys, type KeyDefinition } from "./key-definitions.ts";
import type { KeyState, Ledger, LedgerTable, Whole } from "./ledger.ts";
import { withTableLock } from "./table-lock.ts";
import { despiteLocks, inTransaction } from "./transaction.ts";

/** Measured: with 1,000 rows it makes no difference; from 5,000 on, building keys anew costs less than sorting into them. */
const WORTHWHILE_ROWS = 10_000;
/** Larger tables get one key a statement: no statement should outlast a function's time. */
const MANY_ROWS = 20_000_000;
/** A key as the ledger has it. */
interface RememberedKey extends KeyDefinition {
  readonly dropped: boolean;
}

/** True where dropping keys may save time. Which, and whether any, is decided when it comes to it. */
export function isWorthwhile(
  { rowsBefore, plan }: LedgerTable,
  { dropKeysFromRows = WORTHWHILE_ROWS }: MaskingJob,
): boolean {
  return rowsBefore >= dropKeysFromRows && !plan.rewritten; // whose keys find duplicates before its originals go
}

/** Remembers the table's keys, then drops those that masking is faster without. Before its first chunk. */
export async function dropKeys(session: WriteSession, job: MaskingJob, ledger: Ledger, table: LedgerTable) {
  const { database } = job;
  await withTableLock(session, job, table.plan.table, async () => {
    const state = await readState(session, ledger, table);
    if (state === "untouched") await rememberKeys(session, job, ledger, table);
    else if (state !== "remembered") return;
    const present = new Set((await readKeys(session, database, table.plan.table)).map(({ name }) => name));
    const remembered = await readRemembered(session, ledger, table);
    const dropping = remembered.filter(({ name, dropped }) => dropped && present.has(name));
    if (dropping.length > 0) {
      const clauses = dropping.map(({ name }) => `DROP KEY ${quoteName(name)}`);
      await alterTable(session, job, table, clauses);
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
    await useDdlMemory(session);
    onBegin();
    for (const group of groupsOf(missing, table)) {
      const clauses = group.map(({ definition }) => `ADD ${definition}`);
      await alterTable(session, job, table, clauses);
    }
    await verifyKeys(session, job, table, remembered);
    await setState(session, ledger, table, "restored");
  });
}

/** In one transaction, so that no key can be dropped that is not remembered. */
async function rememberKeys(session: WriteSession, job: MaskingJob, ledger: Ledger, table: LedgerTable) {
  const keys = await readKeys(session, job.database, table.plan.table);
  const dropped = await keysToDrop(session, job.database, table.plan, keys);
  await inTransaction(session, async () => {
    for (const [position, { name, definition }] of keys.entries()) {
      await session.run(
        `INSERT INTO ${ledger.name("mask_keys")} (table_id, position, name, definition, dropped) VALUES
         (${table.id}, ${position}, ${textLiteral(name)}, ${textLiteral(definition)}, ${dropped.has(name) ? 1 : 0})`,
      );
    }
    await setState(session, ledger, table, "remembered");
  });
}

async function readRemembered(session: WriteSession, ledger: Ledger, { id }: LedgerTable): Promise<RememberedKey[]> {
  const rows = await session.query<{ name: string; definition: string; dropped: Whole }>(
    `SELECT name, definition, dropped FROM ${ledger.name("mask_keys")} WHERE table_id = ${id} ORDER BY position`,
  );
  return rows.map(({ dropped, ...key }) => ({ ...key, dropped: Number(dropped) === 1 }));
}

/** MySQL 8 and later lock the tables at both ends of a foreign key: chunks of one may be in the way of the other's keys. */
async function alterTable(session: WriteSession, { database }: MaskingJob, { plan }: LedgerTable, clauses: string[]) {
  const statement = `ALTER TABLE ${quoteTable(database, plan.table)} ${clauses.join(", ")}`;
  await despiteLocks(() => session.run(statement));
}

/** InnoDB builds one FULLTEXT index a statement; others share one scan of the table. */
function groupsOf(keys: readonly KeyDefinition[], { rowsBefore }: LedgerTable): KeyDefinition[][] {
  const isAlone = ({ definition }: KeyDefinition) => rowsBefore >= MANY_ROWS || definition.startsWith("FULLTEXT");
  const together = keys.filter((key) => !isAlone(key));
  return [...(together.length > 0 ? [together] : []), ...keys.filter(isAlone).map((key) => [key])];
}

async function verifyKeys(
  session: WriteSession,
  { database }: MaskingJob,
  { plan: { table } }: LedgerTable,
  remembered: readonly RememberedKey[],
): Promise<void> {
  const now = new Map((await readKeys(session, database, table)).map(({ name, definition }) => [name, definition]));
  const differs = remembered.find(({ name, definition }) => now.get(name) !== definition)?.name;
  const added = [...now.keys()].find((name) => !remembered.some((key) => key.name === name));
  const key = differs ?? added;
  if (key === undefined) return;
  const how = differs === undefined ? "was not there" : now.has(key) ? "was defined otherwise" : "is missing";
  throw new FatalError(
    "MASK_KEYS_DIFFER",
    `The key \`${key}\` of \`${table}\` ${how} before masking. Something else changed the replica's schema: abandon the run and request a new one.`,
  );
}

/**
 * MySQL 8.0.27 and later sort in memory of the session's choosing, 1 MB unless told; others do not know the variable.
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-parameters.html#sysvar_innodb_ddl_buffer_size
 */
async function useDdlMemory(session: WriteSession): Promise<void> {
  const [known] = await session.query("SHOW VARIABLES LIKE 'innodb_ddl_buffer_size'");
  if (known) await session.run(`SET SESSION innodb_ddl_buffer_size = ${64 * 1024 * 1024}`);
}

async function readState(session: WriteSession, ledger: Ledger, { id }: LedgerTable): Promise<KeyState> {
  const [row] = await session.query<{ state: KeyState }>(
    `SELECT key_state AS state FROM ${ledger.name("mask_tables")} WHERE id = ${id}`,
  );
  return row?.state ?? "untouched";
}

async function setState(session: WriteSession, ledger: Ledger, { id }: LedgerTable, state: KeyState): Promise<void> {
  await session.run(`UPDATE ${ledger.name("mask_tables")} SET key_state = '${state}' WHERE id = ${id}`);
}
