// Routines and events: they belong to a database and to no table, so that a swap of tables leaves staging's where they are.
// These here are for bringing production's, and for staging's own where texts in them would be compared otherwise than its
// new tables' (see ownToRemake).
import { FatalError, isMySqlError, summarizeError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { renameDatabaseIn, returningIn } from "../dump/index.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { defaultCollation, resolveCollation, setDefaultCollation } from "../mysql/recreate-database.ts";
import { hasBackslashEscapes, isDistrust, madeIn, type MadeIn, runAsMade, withoutDefiner } from "./stored-sql.ts";

export interface Routine extends MadeIn {
  readonly kind: "PROCEDURE" | "FUNCTION" | "EVENT";
  readonly name: string;
  /** CREATE without its definer. */
  readonly sql: string;
  /** Of its parameters and variables that name none; where it is absent, the database's. */
  readonly textCollation?: string;
}

type Renaming = Parameters<typeof renameDatabaseIn>[1];

interface Listed {
  readonly kind: Routine["kind"];
  readonly name: string;
  /** The database's default one when the routine was made: texts in it that name none have it. */
  readonly textCollation: string;
  /** Of what a function returns; null for other types than text. */
  readonly returned: string | null;
}

const COLUMNS = { PROCEDURE: "Create Procedure", FUNCTION: "Create Function", EVENT: "Create Event" } as const;

/** Types whose values have a collation. */
const TEXT = /\b(?:n?(?:var)?char|(?:tiny|medium|long)?text|enum)\b|\bset\s*\(/i;

/**
 * Reads the routines and events of a database, with its name as `renaming.to` in them and collations mapped.
 *
 * @throws FatalError `ROUTINE_UNREADABLE` where the account may not see a body
 */
export async function readRoutines(session: ReadSession, renaming: Renaming): Promise<Routine[]> {
  const { collations = {} } = renaming;
  const mapped = (name: string) => collations[name] ?? name;
  const routines: Routine[] = [];
  for (const listed of await listRoutines(session, renaming.from)) {
    const routine = await readRoutine(session, renaming.from, listed);
    if (routine === undefined) throw unreadable(session, listed);
    const { returned, textCollation } = listed;
    const own = returned === null || returned === textCollation ? undefined : mapped(returned);
    const sql = returningIn(routine.sql, own, hasBackslashEscapes(routine));
    routines.push(routineIn({ ...routine, sql, textCollation: mapped(textCollation) }, renaming));
  }
  return routines;
}

/**
 * Staging's own routines and events that compare texts as its database does by default, for a database that is about to
 * have another default: they are made anew, or their texts could not be compared with the new tables'.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/alter-database.html: routines that use the defaults must be dropped and created.
 *
 * @throws FatalError `ROUTINE_UNREADABLE` where the account may not see the body of one with texts among its parameters
 */
export async function ownToRemake(
  session: ReadSession,
  database: string,
  collation: string | undefined,
): Promise<Routine[]> {
  const current = await defaultCollation(session, database);
  if (current === undefined || current === collation) return [];
  const remade: Routine[] = [];
  for (const listed of await listRoutines(session, database)) {
    if (listed.textCollation !== current) continue;
    const routine = await readRoutine(session, database, listed);
    if (routine === undefined && (await takesTexts(session, database, listed))) throw unreadable(session, listed);
    if (routine === undefined || !TEXT.test(routine.sql)) continue;
    const isDefault = listed.returned === null || listed.returned === current;
    const sql = isDefault ? returningIn(routine.sql, undefined, hasBackslashEscapes(routine)) : routine.sql;
    remade.push({ ...routine, sql });
  }
  return remade;
}

/**
 * Puts them into a database, each in the place of one of its name. One of its own that is made anew already stays.
 *
 * So does, on MariaDB, what accounts were granted on the routine itself; MySQL before 8 takes that away with the routine.
 * https://mariadb.com/kb/en/create-procedure/, `OR REPLACE`
 */
export async function bringRoutines(
  session: WriteSession,
  routines: readonly Routine[],
  database: string,
): Promise<void> {
  if (routines.length === 0) return;
  await session.run(`USE ${quoteName(database)}`);
  const current = await defaultCollation(session, database);
  const [server] = await session.query<{ version: string }>("SELECT VERSION() AS version");
  const isMariaDb = server?.version.includes("MariaDB");
  const present = (await listRoutines(session, database)).filter(({ textCollation }) => textCollation === current);
  for (const routine of routines) {
    const { kind, name, sql, textCollation } = routine;
    if (textCollation === undefined && present.some((other) => other.kind === kind && other.name === name)) continue;
    const replacing = isMariaDb && kind !== "EVENT";
    try {
      if (!replacing) await session.run(`DROP ${kind} IF EXISTS ${quoteTable(database, name)}`);
      const create = replacing ? sql.replace(/^CREATE /, "CREATE OR REPLACE ") : sql;
      await comparingIn(session, database, textCollation, () => runAsMade(session, create, routine));
    } catch (error) {
      if (isDistrust(error)) throw notTrusted(name, error);
      if (isMySqlError(error)) throw doesNotFit(routine, error);
      throw error;
    }
  }
}

/** A routine as it is for a database of another name. */
export function routineIn(routine: Routine, renaming: Renaming): Routine {
  return { ...routine, sql: renameDatabaseIn(routine.sql, renaming, hasBackslashEscapes(routine)) };
}

/** For trying: an event that is created so does not run. */
export function atRest(routine: Routine): Routine {
  const head = /^(CREATE EVENT .*? ON COMPLETION (?:NOT )?PRESERVE) ENABLE\b/s;
  return routine.kind === "EVENT" ? { ...routine, sql: routine.sql.replace(head, "$1 DISABLE") } : routine;
}

/** Says what a server that writes a binary log wants of whoever creates triggers and routines. */
export function notTrusted(name: string, cause: unknown): FatalError {
  return new FatalError(
    "TRIGGERS_NOT_TRUSTED",
    `Staging writes a binary log and lets nobody without SUPER create triggers and routines, so \`${name}\` could not be brought over. Set \`log_bin_trust_function_creators\` to ON there, then replay the run.`,
    { cause },
  );
}

function listRoutines(session: ReadSession, database: string): Promise<Listed[]> {
  return session.query<Listed>(
    `SELECT routine_type AS kind, routine_name AS name, database_collation AS textCollation, collation_name AS returned
     FROM information_schema.routines WHERE routine_schema = ? AND routine_type IN ('PROCEDURE', 'FUNCTION')
     UNION ALL SELECT 'EVENT', event_name, database_collation, NULL FROM information_schema.events
     WHERE event_schema = ? ORDER BY 1, 2`,
    [database, database],
  );
}

/** Undefined where the account may not see the body. */
async function readRoutine(
  session: ReadSession,
  database: string,
  { kind, name }: Listed,
): Promise<Routine | undefined> {
  const [shown] = await session.query<Record<string, string | null>>(
    `SHOW CREATE ${kind} ${quoteTable(database, name)}`,
  );
  const sql = shown?.[COLUMNS[kind]];
  return sql == null ? undefined : { kind, name, sql: withoutDefiner(sql), ...madeIn(shown) };
}

/** Whether a parameter, or what is returned, is a text. */
async function takesTexts(session: ReadSession, database: string, { kind, name }: Listed): Promise<boolean> {
  const texts = await session.query(
    `SELECT 1 FROM information_schema.parameters WHERE specific_schema = ? AND specific_name = ? AND routine_type = ?
       AND character_set_name IS NOT NULL LIMIT 1`,
    [database, name, kind],
  );
  return texts.length > 0;
}

/** Lets `work` find another default collation, if the server has it. */
async function comparingIn(
  session: WriteSession,
  database: string,
  collation: string | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const [wished, own] = [
    collation === undefined ? undefined : await resolveCollation(session, collation),
    await defaultCollation(session, database),
  ];
  if (wished === undefined || own === undefined) return work();
  await setDefaultCollation(session, database, wished);
  try {
    await work();
  } finally {
    await setDefaultCollation(session, database, own);
  }
}

/** MySQL since 8.2, where an object's definer has SYSTEM_USER and we have not. */
const ER_SPECIFIC_ACCESS_DENIED_ERROR = 1227;

function doesNotFit({ kind, name }: Routine, cause: { readonly errno: number }): FatalError {
  const remedy =
    cause.errno === ER_SPECIFIC_ACCESS_DENIED_ERROR
      ? "Its definer there has SYSTEM_USER: grant that to the contract's user, or drop it and create it again there"
      : "Change it where it comes from (`objects: production` takes production's)";
  return new FatalError(
    "OBJECT_DOES_NOT_FIT",
    `The ${kind.toLowerCase()} \`${name}\` is refused by staging (${summarizeError(cause).code}). ${remedy}, then replay the run.`,
    { cause },
  );
}

function unreadable({ role }: ReadSession, { kind, name }: Listed): FatalError {
  const why =
    role === "staging"
      ? "It must be made anew: the new data's texts have another collation than staging's database gave them so far. Staging is untouched. "
      : "";
  return new FatalError(
    "ROUTINE_UNREADABLE",
    `The contract's user may not read the ${kind.toLowerCase()} \`${name}\` on ${role}. ${why}Grant it SHOW_ROUTINE (MySQL 8.0.20 and later) or SELECT on mysql.proc${role === "staging" ? "" : ", or let staging keep its own with `objects: staging`"}, then replay the run.`,
  );
}
