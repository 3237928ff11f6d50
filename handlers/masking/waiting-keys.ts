// Keys that the copy was loaded without. Masked tables get theirs with those that masking drops (secondary-keys.ts); here are
// the other tables', those that are needed before a row is masked, and in the end all foreign keys.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { ForeignKey, Table } from "../mysql/schema.ts";
import { keyTable, readCopy, readKeyTables } from "../mysql/waiting-keys.ts";
import { alterTable, buildKeys, verifySame } from "./build-keys.ts";
import { columnId } from "./column-kind.ts";
import type { MaskingJob } from "./job.ts";
import { readForeignKeys, readKeys, type KeyDefinition } from "./key-definitions.ts";
import { ledgerDatabase, type Ledger } from "./ledger.ts";
import type { MaskingPlan, TablePlan } from "./plan.ts";
import { withTableLock } from "./table-lock.ts";
import type { Step } from "./workers.ts";

/** A table of the copy that was loaded without some of its keys. */
export interface WaitingTable {
  readonly plan: TablePlan;
  /** With all of its keys. */
  readonly table: Table;
  /** As it was when this was read: whether all are there, but for foreign keys; and these. */
  readonly hasKeys: boolean;
  readonly hasForeignKeys: boolean;
}

type Read = typeof readKeys;

/** The largest first: were it last, one session would end the work alone. */
export async function readWaiting(session: WriteSession, job: MaskingJob): Promise<WaitingTable[]> {
  const names = await readKeyTables(session, ledgerDatabase(job));
  if (names.size === 0) return [];
  const { tables } = await readCopy(session, job.database, ledgerDatabase(job));
  const waiting: WaitingTable[] = [];
  for (const plan of job.plan.tables) {
    const table = tables.get(plan.table);
    if (!table || !names.has(keyTable(plan.table))) continue;
    const has = async (read: Read) => (await missing(session, job, plan.table, read)).length === 0;
    waiting.push({ plan, table, hasKeys: await has(readKeys), hasForeignKeys: await has(readForeignKeys) });
  }
  return waiting.toSorted((a, b) => b.table.estimatedRows - a.table.estimatedRows);
}

/**
 * Builds the keys by which rows are looked up before they are masked. That is all keys where a condition or an expression of
 * the contract may look anything up; else those of a table that others refer to by another key than its primary one, that
 * is walked by another one, or whose rows are written anew, for duplicates to be found.
 */
export function neededSteps(job: MaskingJob, ledger: Ledger, waiting: readonly WaitingTable[]): Step[] {
  const areAll = looksUpRows(job.plan);
  const references = waiting.flatMap(({ table }) => table.foreignKeys);
  return waiting
    .filter((each) => isUntouched(ledger, each) && (areAll || isNeeded(each, references)))
    .map((each) => buildStep(job, each));
}

/** Builds those of tables that masking leaves alone, or whose keys it does not drop. */
export function remainingSteps(job: MaskingJob, ledger: Ledger, waiting: readonly WaitingTable[]): Step[] {
  return waiting.filter((each) => isUntouched(ledger, each)).map((each) => buildStep(job, each));
}

/**
 * Adds the foreign keys, when all keys are there. Without checks, which would copy the table: the proof counts orphans.
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html#online-ddl-foreign-key-operations
 */
export function foreignKeySteps(job: MaskingJob, waiting: readonly WaitingTable[]): Step[] {
  return waiting
    .filter(({ hasForeignKeys }) => !hasForeignKeys)
    .map(({ plan }) => ({ table: plan, run: (session) => addForeignKeys(session, job, plan.table) }));
}

/** It lacks keys, and masking has not taken them for some that it dropped. */
function isUntouched({ tables }: Ledger, { plan, hasKeys }: WaitingTable): boolean {
  return !hasKeys && (tables.find((own) => own.plan === plan)?.keys ?? "untouched") === "untouched";
}

function looksUpRows({ tables }: MaskingPlan): boolean {
  return tables.some(
    ({ rows, columns }) =>
      rows !== undefined ||
      columns.some(({ transform, sql = "" }) => transform.name === "expression" && /\bselect\b/i.test(sql)),
  );
}

function isNeeded({ plan, table }: WaitingTable, references: readonly ForeignKey[]): boolean {
  const isWalkedOtherwise = plan.chunkKey !== undefined && plan.chunkKey.index !== "PRIMARY";
  const [primary] = table.keys.filter(({ name }) => name === "PRIMARY");
  const first = columnId(primary?.parts[0]?.column ?? "");
  return (
    plan.rewritten === true ||
    isWalkedOtherwise ||
    references.some(
      ({ parentTable, parentColumns: [column = ""] }) => parentTable === table.name && columnId(column) !== first,
    )
  );
}

function buildStep(job: MaskingJob, { plan, table }: WaitingTable): Step {
  return {
    table: plan,
    run: (session) =>
      withTableLock(session, job, plan.table, async () => {
        const keys = await missing(session, job, plan.table, readKeys);
        await buildKeys(session, job, plan.table, keys, table.estimatedRows);
      }),
  };
}

async function addForeignKeys(session: WriteSession, job: MaskingJob, table: string): Promise<void> {
  await withTableLock(session, job, table, async () => {
    const keys = await missing(session, job, table, readForeignKeys);
    if (keys.length === 0) return;
    // MySQL 5.6 looks for parents in the session's database.
    await session.run(`USE ${quoteName(job.database)}`);
    await session.run("SET SESSION foreign_key_checks = 0");
    const clauses = keys.map(({ definition }) => `ADD ${definition}`);
    await alterTable(session, job, table, clauses);
    await session.run("SET SESSION foreign_key_checks = 1");
  });
}

/** Keys of the table that has them all which the copy's does not have now. */
async function missing(session: WriteSession, job: MaskingJob, table: string, read: Read): Promise<KeyDefinition[]> {
  const present = new Set((await read(session, job.database, table)).map(({ name }) => name));
  return (await read(session, ledgerDatabase(job), keyTable(table))).filter(({ name }) => !present.has(name));
}

/**
 * Holds all keys against those that the copy should have.
 *
 * @throws FatalError `MASK_KEYS_DIFFER`
 */
export async function verifyWaiting(session: WriteSession, job: MaskingJob, waiting: readonly WaitingTable[]) {
  for (const { plan } of waiting) {
    const { table } = plan;
    const whole = [ledgerDatabase(job), keyTable(table)] as const;
    verifySame(table, await readKeys(session, ...whole), await readKeys(session, job.database, table));
    // A parent that is there tells how its own name and its columns' are written.
    const [expected, found] = [
      await readForeignKeys(session, ...whole),
      await readForeignKeys(session, job.database, table),
    ].map((keys) => keys.map(({ name, definition }) => ({ name, definition: definition.toLowerCase() })));
    verifySame(table, expected ?? [], found ?? []);
  }
}
