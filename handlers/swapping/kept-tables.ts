// Tables that only staging has and that stay where they are: their foreign keys must lead to the new data afterwards.
//
// RENAME TABLE takes a foreign key's target along: after the swap, those of a table that stayed lead to yesterday's data.
import { FatalError, isMySqlError, summarizeError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { matches } from "../../contracts/table-rules.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { countOrphans } from "../mysql/orphans.ts";
import { readSchema, type ForeignKey } from "../mysql/schema.ts";

export interface KeptReference {
  readonly table: string;
  readonly name: string;
  /** As SHOW CREATE TABLE has it, with the parent's name alone: `CONSTRAINT … FOREIGN KEY … REFERENCES …`. */
  readonly definition: string;
}

/** On which foreign keys are tried, beside the next data. */
const TRIAL = "_understudy_trial";

/** Whether a table stays, by its name. */
export function stays(keepTables: readonly string[]): (table: string) => boolean {
  return (table) => keepTables.some((pattern) => matches(pattern, table));
}

/**
 * The foreign keys of tables that stay, to tables that do not; proven to hold in the next data.
 *
 * @param isKept says which of the live database's tables stay
 * @throws FatalError `KEEP_TABLE_CLASH` for one that the next data has too; `KEEP_TABLE_ORPHANS`, `KEEP_TABLE_DOES_NOT_FIT`
 */
export async function fitKeptTables(
  session: WriteSession,
  { live, next }: { readonly live: string; readonly next: string },
  isKept: (table: string) => boolean,
): Promise<KeptReference[]> {
  await session.run(`DROP TABLE IF EXISTS ${quoteTable(next, TRIAL)}`); // one that a crash has left
  const schema = await readSchema(session, live);
  const arriving = (await readSchema(session, next)).tables;
  const kept = [...schema.tables.values()].filter(({ name }) => isKept(name));
  const twin = kept.find(({ name }) => arriving.has(name));
  if (twin) throw clash(twin.name);
  const references: KeptReference[] = [];
  for (const table of kept) {
    const leading = table.foreignKeys.filter(({ parentTable }) => !isKept(parentTable));
    for (const key of leading) {
      if (!arriving.has(key.parentTable)) throw orphaned(key, "every row");
      const [row] = await session.query<{ found: string | number }>(countOrphans(live, key, next));
      if (Number(row?.found) > 0) throw orphaned(key, `${Number(row?.found)} rows`);
    }
    if (leading.length === 0) continue;
    const definitions = await readDefinitions(session, live, table.name, leading);
    await tryThem(session, { live, next }, definitions);
    references.push(...definitions);
  }
  return references;
}

/**
 * Refuses tables that stay and refer to others that do not, where these are dropped to load in their place: nothing could
 * be proven before.
 *
 * @throws FatalError `KEEP_TABLE_DOES_NOT_FIT`
 */
export async function refuseLeading(
  session: ReadSession,
  live: string,
  isKept: (table: string) => boolean,
): Promise<void> {
  for (const table of (await readSchema(session, live)).tables.values()) {
    const key = isKept(table.name) ? table.foreignKeys.find(({ parentTable }) => !isKept(parentTable)) : undefined;
    if (key === undefined) continue;
    throw new FatalError(
      "KEEP_TABLE_DOES_NOT_FIT",
      `\`${table.name}\` is to stay and refers to \`${key.parentTable}\` by \`${key.name}\`, which is not proven to hold where staging is loaded in place. Staging is untouched. Say \`swap: rename\`, or take the table out of \`keep_tables\`, then replay the run.`,
    );
  }
}

/** Lets the keys lead to the live database's tables, where they do not. Can be done again after a crash at any point. */
export async function followSwap(
  session: WriteSession,
  live: string,
  references: readonly KeptReference[],
): Promise<void> {
  if (references.length === 0) return;
  await session.run(`USE ${quoteName(live)}`);
  await session.run("SET SESSION foreign_key_checks = 0"); // they were proven before
  for (const { table, name, definition } of references) {
    const target = await targetOf(session, live, table, name);
    if (target === live) continue;
    if (target !== undefined) {
      await session.run(`ALTER TABLE ${quoteTable(live, table)} DROP FOREIGN KEY ${quoteName(name)}`);
    }
    await session.run(`ALTER TABLE ${quoteTable(live, table)} ADD ${definition}`);
  }
  await session.run("SET SESSION foreign_key_checks = 1");
}

/** The database that a foreign key leads to; undefined where there is no such key. */
async function targetOf(session: ReadSession, live: string, table: string, name: string): Promise<string | undefined> {
  const [row] = await session.query<{ target: string }>(
    `SELECT unique_constraint_schema AS target FROM information_schema.referential_constraints
     WHERE constraint_schema = ? AND table_name = ? AND constraint_name = ?`,
    [live, table, name],
  );
  return row?.target;
}

async function readDefinitions(
  session: WriteSession,
  live: string,
  table: string,
  keys: readonly ForeignKey[],
): Promise<KeptReference[]> {
  await session.run(`USE ${quoteName(live)}`);
  const [shown] = await session.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteTable(live, table)}`);
  const lines = (shown?.["Create Table"] ?? "").split("\n").map((line) => line.trim().replace(/,$/, ""));
  return keys.map(({ name }) => {
    const definition = lines.find((line) => line.startsWith(`CONSTRAINT ${quoteName(name)} FOREIGN KEY `));
    if (definition === undefined) throw new TypeError(`The foreign key ${name} of ${table} cannot be read.`);
    return { table, name, definition };
  });
}

/** The server itself says whether the keys fit the new tables: on an empty table of the same shape. */
async function tryThem(
  session: WriteSession,
  { live, next }: { readonly live: string; readonly next: string },
  references: readonly KeptReference[],
): Promise<void> {
  const [first] = references;
  if (!first) return;
  const trial = quoteTable(next, TRIAL);
  await session.run(`USE ${quoteName(next)}`);
  await session.run(`CREATE TABLE ${trial} LIKE ${quoteTable(live, first.table)}`);
  try {
    for (const { definition } of references) await session.run(`ALTER TABLE ${trial} ADD ${definition}`);
  } catch (error) {
    if (!isMySqlError(error)) throw error;
    throw new FatalError(
      "KEEP_TABLE_DOES_NOT_FIT",
      `The foreign keys of staging's table \`${first.table}\`, which stays, do not fit the new schema (${summarizeError(error).code}). Staging is untouched. Change the table there, or take it out of \`keep_tables\`, then replay the run.`,
      { cause: error },
    );
  } finally {
    await session.run(`DROP TABLE IF EXISTS ${trial}`);
  }
}

function clash(table: string): FatalError {
  return new FatalError(
    "KEEP_TABLE_CLASH",
    `\`${table}\` is to stay as staging has it, and the new data has a table of that name too. Staging is untouched. Take it out of \`keep_tables\`, or preserve its rows, then replay the run.`,
  );
}

function orphaned({ table, name, parentTable }: ForeignKey, rows: string): FatalError {
  return new FatalError(
    "KEEP_TABLE_ORPHANS",
    `Of staging's table \`${table}\`, which stays, ${rows} would refer to nothing in the new data by \`${name}\` → \`${parentTable}\`. Staging is untouched. Preserve the rows of \`${parentTable}\` that it refers to, or empty those references, then replay the run.`,
  );
}
