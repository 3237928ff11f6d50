// Staging's own views and triggers: read before the swap, proven to fit the new tables, and there again after it.
//
// Cloud SQL's export brings views but no triggers. Routines and events belong to the database, not to a table: a swap
// of tables leaves them where they are.
import { FatalError, isMySqlError, summarizeError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { renameDatabaseIn } from "../dump/index.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { defaultCollation } from "../mysql/recreate-database.ts";
import { atRest, bringRoutines, notTrusted, type Routine, routineIn } from "./routines.ts";
import { hasBackslashEscapes, isDistrust, madeIn, type MadeIn, runAsMade, withoutDefiner } from "./stored-sql.ts";

/** ER_CANT_AGGREGATE_2COLLATIONS, _3COLLATIONS and _NCOLLATIONS: "Illegal mix of collations". */
const ILLEGAL_MIX = [1267, 1270, 1271];

export interface Trigger extends MadeIn {
  readonly name: string;
  readonly table: string;
  /** CREATE TRIGGER without its definer. */
  readonly sql: string;
}

export interface View extends MadeIn {
  readonly name: string;
  /** CREATE OR REPLACE VIEW without its definer, naming tables without a database. */
  readonly sql: string;
}

export interface StagingObjects {
  readonly triggers: readonly Trigger[];
  readonly views: readonly View[];
}

/** Reads the views and triggers of a database. The session's default database is that one afterwards. */
export async function readObjects(session: ReadSession, database: string): Promise<StagingObjects> {
  // SHOW CREATE VIEW leaves the database's name out of names only where it is the default one.
  await session.query(`USE ${quoteName(database)}`);
  return { triggers: await readTriggers(session, database), views: await readViews(session, database) };
}

/**
 * Proves in the next database that everything still fits: routines and views are created there, triggers created and
 * dropped again (a table that has a trigger cannot be renamed to another database).
 *
 * @returns the views that fit with literals compared as the database does by default, and are to be made anew for it
 * @throws FatalError `OBJECT_DOES_NOT_FIT` naming the object; `TRIGGERS_NOT_TRUSTED`
 */
export async function fitObjects(
  session: WriteSession,
  objects: StagingObjects & { readonly routines: readonly Routine[] },
  { live, next }: { readonly live: string; readonly next: string },
): Promise<readonly View[]> {
  const routines = objects.routines.map((routine) => atRest(routineIn(routine, { from: live, to: next })));
  await bringRoutines(session, routines, next);
  await session.run(`USE ${quoteName(next)}`);
  const changed = await createViews(session, objects.views, await defaultCollation(session, next));
  await dropTriggers(session, next); // one that a crash between the two statements below has left
  for (const trigger of objects.triggers) {
    await createTrigger(session, inDatabase(trigger, { from: live, to: next }));
    await session.run(`DROP TRIGGER ${quoteTable(next, trigger.name)}`);
  }
  return changed;
}

/** Creates the triggers in a database, those that are not there already. */
export async function createTriggers(
  session: WriteSession,
  triggers: readonly Trigger[],
  database: string,
): Promise<void> {
  const present = new Set((await listTriggers(session, database)).map(({ name }) => name));
  await session.run(`USE ${quoteName(database)}`);
  for (const trigger of triggers) if (!present.has(trigger.name)) await createTrigger(session, trigger);
}

/** Drops every trigger of a database. They must have been stored before. */
export async function dropTriggers(session: WriteSession, database: string): Promise<void> {
  for (const { name } of await listTriggers(session, database)) {
    await session.run(`DROP TRIGGER IF EXISTS ${quoteTable(database, name)}`);
  }
}

/**
 * Creates views in the session's default database, in whatever order they need each other.
 *
 * @param otherwise the collation for literals that cannot be compared as they were when the view was made: with what a
 *   function returns, where that has become another
 * @returns those that were made in it
 */
export async function createViews(
  session: WriteSession,
  views: readonly View[],
  otherwise?: string,
): Promise<readonly View[]> {
  const changed: View[] = [];
  let left = views;
  while (left.length > 0) {
    const refused: { view: View; error: unknown }[] = [];
    for (const view of left) {
      const other =
        otherwise === undefined || view.collation === otherwise ? undefined : { ...view, collation: otherwise };
      await runAsMade(session, view.sql, view)
        .catch(async (error: unknown) => {
          if (!isMixed(error) || other === undefined) throw error;
          await runAsMade(session, view.sql, other);
          changed.push(other);
        })
        .catch((error: unknown) => refused.push({ view, error }));
    }
    // The one to blame reads none of the others.
    const root = refused.find(({ view }) => !refused.some((other) => other.view !== view && reads(view, other.view)));
    const first = root ?? refused[0];
    if (first && refused.length === left.length) throw doesNotFit("view", first.view.name, first.error);
    left = refused.map(({ view }) => view);
  }
  return changed;
}

/** An object as it was written, with the database's name where it was given, and collations mapped. */
export function inDatabase<Made extends MadeIn & { readonly sql: string }>(
  object: Made,
  renaming: Parameters<typeof renameDatabaseIn>[1],
): Made {
  const { collations = {} } = renaming;
  const { collation } = object;
  const mapped = collation === undefined ? {} : { collation: collations[collation] ?? collation };
  return { ...object, ...mapped, sql: renameDatabaseIn(object.sql, renaming, hasBackslashEscapes(object)) };
}

function reads({ sql }: View, { name }: View): boolean {
  return sql.includes(quoteName(name));
}

function isMixed(error: unknown): boolean {
  return isMySqlError(error) && ILLEGAL_MIX.includes(error.errno);
}

async function createTrigger(session: WriteSession, trigger: Trigger): Promise<void> {
  try {
    await runAsMade(session, trigger.sql, trigger);
  } catch (error) {
    if (isDistrust(error)) throw notTrusted(trigger.name, error);
    throw doesNotFit("trigger", trigger.name, error);
  }
}

async function readTriggers(session: ReadSession, database: string): Promise<Trigger[]> {
  const triggers: Trigger[] = [];
  for (const { name, table } of await listTriggers(session, database)) {
    const [shown] = await session.query<Record<string, string>>(`SHOW CREATE TRIGGER ${quoteTable(database, name)}`);
    const sql = withoutDefiner(shown?.["SQL Original Statement"] ?? "");
    triggers.push({ name, table, sql, ...madeIn(shown) });
  }
  return triggers;
}

/** In the order in which they fire: created so again, they fire so again. */
function listTriggers(session: ReadSession, database: string): Promise<{ name: string; table: string }[]> {
  return session.query(
    `SELECT trigger_name AS name, event_object_table AS \`table\` FROM information_schema.triggers
     WHERE trigger_schema = ? ORDER BY event_object_table, action_timing, event_manipulation, action_order`,
    [database],
  );
}

async function readViews(session: ReadSession, database: string): Promise<View[]> {
  const names = await session.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.views WHERE table_schema = ? ORDER BY table_name",
    [database],
  );
  const views: View[] = [];
  for (const { name } of names) {
    const [shown] = await session.query<Record<string, string>>(`SHOW CREATE VIEW ${quoteTable(database, name)}`);
    const sql = withoutDefiner(shown?.["Create View"] ?? "").replace(/^CREATE /, "CREATE OR REPLACE ");
    views.push({ name, sql, ...madeIn(shown) });
  }
  return views;
}

function doesNotFit(kind: string, name: string, cause: unknown): FatalError {
  const { code } = summarizeError(cause);
  return new FatalError(
    "OBJECT_DOES_NOT_FIT",
    `Staging's ${kind} \`${name}\` does not fit the new schema (${code}). Staging is untouched. Change or drop it there, then replay the run.`,
    { cause },
  );
}
