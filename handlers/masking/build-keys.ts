// Builds keys on a table that has its rows, and holds all of its keys against what they should be.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";
import { readKeys, type KeyDefinition } from "./key-definitions.ts";
import { despiteLocks } from "./transaction.ts";

/** Larger tables get one key a statement: no statement should outlast a function's time. */
const MANY_ROWS = 20_000_000;

/** Throws the server's error for a duplicate under a unique key. */
export async function buildKeys(
  session: WriteSession,
  job: MaskingJob,
  table: string,
  keys: readonly KeyDefinition[],
  rows: number,
): Promise<void> {
  if (keys.length > 0) await useDdlMemory(session);
  for (const group of groupsOf(keys, rows)) {
    const clauses = group.map(({ definition }) => `ADD ${definition}`);
    await alterTable(session, job, table, clauses);
  }
}

/** MySQL 8 and later lock the tables at both ends of a foreign key: chunks of one may be in the way of the other's keys. */
export async function alterTable(
  session: WriteSession,
  { database }: MaskingJob,
  table: string,
  clauses: readonly string[],
): Promise<void> {
  const statement = `ALTER TABLE ${quoteTable(database, table)} ${clauses.join(", ")}`;
  await despiteLocks(() => session.run(statement));
}

/** @throws FatalError `MASK_KEYS_DIFFER` where the table's keys are not these */
export async function verifyKeys(
  session: WriteSession,
  { database }: MaskingJob,
  table: string,
  expected: readonly KeyDefinition[],
): Promise<void> {
  verifySame(table, expected, await readKeys(session, database, table));
}

/** @throws FatalError `MASK_KEYS_DIFFER` naming the first that is not as it should be */
export function verifySame(table: string, expected: readonly KeyDefinition[], found: readonly KeyDefinition[]): void {
  const now = new Map(found.map(({ name, definition }) => [name, definition]));
  const differs = expected.find(({ name, definition }) => now.get(name) !== definition)?.name;
  const added = [...now.keys()].find((name) => !expected.some((key) => key.name === name));
  const key = differs ?? added;
  if (key === undefined) return;
  const how = differs === undefined ? "was not there" : now.has(key) ? "was defined otherwise" : "is missing";
  throw new FatalError(
    "MASK_KEYS_DIFFER",
    `The key \`${key}\` of \`${table}\` ${how} before masking. Something else changed the replica's schema: abandon the run and request a new one.`,
  );
}

/** InnoDB builds one FULLTEXT index a statement; others share one scan of the table. */
function groupsOf(keys: readonly KeyDefinition[], rows: number): KeyDefinition[][] {
  const isAlone = ({ definition }: KeyDefinition) => rows >= MANY_ROWS || definition.startsWith("FULLTEXT");
  const together = keys.filter((key) => !isAlone(key));
  return [...(together.length > 0 ? [together] : []), ...keys.filter(isAlone).map((key) => [key])];
}

/**
 * MySQL 8.0.27 and later build a key with four threads, and sort in memory of the session's choosing, 1 MB unless told.
 * https://dev.mysql.com/doc/refman/8.4/en/online-ddl-parallel-thread-configuration.html
 */
export async function buildsInParallel(session: ReadSession): Promise<boolean> {
  const [known] = await session.query("SHOW VARIABLES LIKE 'innodb_ddl_buffer_size'");
  return known !== undefined;
}

async function useDdlMemory(session: WriteSession): Promise<void> {
  if (await buildsInParallel(session)) await session.run(`SET SESSION innodb_ddl_buffer_size = ${64 * 1024 * 1024}`);
}
