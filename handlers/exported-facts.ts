// What the masked copy has when it is exported, and must have when it is loaded: counted on the replica, held against
// staging's new data before anybody sees it.
import { z } from "zod";
import { FatalError } from "../contracts/errors.ts";
import type { WritableRole, WriteSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import type { RunId } from "../events/run-id.ts";
import { withInstance } from "./instances.ts";
import { readJson, writeJson } from "./json-object.ts";
import { inParallel } from "./mysql/parallel.ts";
import { quoteName } from "./mysql/identifiers.ts";
import { readSchema } from "./mysql/schema.ts";
import { type Fact, factsOf } from "./swapping/facts.ts";
import { together } from "./together.ts";
import { WORK_DATABASE } from "./wipe.ts";

/** Each reads a table or joins two: more of them only wait for the server's disk. */
const SESSIONS = 4;
/** So many differences are named. */
const NAMED = 5;

const Facts = z.record(z.string(), z.int().nonnegative());
type Facts = z.infer<typeof Facts>;

const COUNTED = `${quoteName(WORK_DATABASE)}.${quoteName("exported_facts")}`;

function factsName(runId: RunId): string {
  return `runs/${runId}/masked-facts.json`;
}

/** Counts the copy, and keeps what it found beside the dump; false when time ran out, with what was counted kept. */
export async function recordFacts(context: StageContext): Promise<boolean> {
  const { platform, runId, contract, signal } = context;
  if (await platform.objects.stat(factsName(runId))) return true; // the copy may be gone already
  const { database } = contract.replica;
  return withSessions(context, "replica", async (sessions, [first]) => {
    await first.run(
      `CREATE TABLE IF NOT EXISTS ${COUNTED} (name VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
         found BIGINT NOT NULL) ENGINE=InnoDB`,
    );
    const facts = factsOf(await readSchema(first, database));
    const known = await readCounted(first);
    const left = facts.filter(({ name }) => !(name in known));
    const count = async (session: WriteSession, fact: Fact) => {
      await session.run(`REPLACE INTO ${COUNTED} (name, found) VALUES (?, ?)`, [fact.name, await ask(session, fact)]);
    };
    if ((await inParallel(sessions, left, count, signal)) < left.length) return false;
    await writeJson(platform.objects, factsName(runId), await readCounted(first));
    return true;
  });
}

/**
 * Holds the new data against what was exported.
 *
 * @param done facts that an earlier call has held already
 * @returns how many are held now, and whether that is all
 * @throws FatalError `LOAD_DIFFERS` naming tables, keys and counts; `LOAD_UNCHECKED` where there is nothing to hold it against
 */
export async function checkFacts(
  context: StageContext,
  database: string,
  done: number,
): Promise<{ readonly done: number; readonly complete: boolean }> {
  const expected = await readFacts(context);
  return withSessions(context, "staging", async (sessions, [first]) => {
    const facts = factsOf(await readSchema(first, database)).filter(({ name }) => name in expected);
    if (facts.length < Object.keys(expected).length) throw differs(lacking(expected, facts));
    const different: string[] = [];
    const hold = async (session: WriteSession, fact: Fact) => {
      const found = await ask(session, fact);
      if (found !== expected[fact.name]) different.push(`${fact.name}: ${found} for ${expected[fact.name]}`);
    };
    const begun = await inParallel(sessions, facts.slice(done), hold, context.signal);
    if (different.length > 0) throw differs(different);
    return { done: done + begun, complete: done + begun === facts.length };
  });
}

async function readFacts({ platform, runId }: StageContext): Promise<Facts> {
  try {
    return Facts.parse(await readJson(platform.objects, factsName(runId)));
  } catch (cause) {
    throw new FatalError(
      "LOAD_UNCHECKED",
      "What the masked copy had when it was exported cannot be read, so nobody can say whether all of it is here. Staging is untouched. Request a new run.",
      { cause },
    );
  }
}

async function readCounted(session: WriteSession): Promise<Facts> {
  const rows = await session.query<{ name: string; found: string | number }>(`SELECT name, found FROM ${COUNTED}`);
  return Object.fromEntries(rows.map(({ name, found }) => [name, Number(found)]));
}

async function ask(session: WriteSession, { sql }: Fact): Promise<number> {
  const [row] = await session.query<{ found: string | number }>(sql);
  return Number(row?.found);
}

function lacking(expected: Facts, facts: readonly Fact[]): string[] {
  const there = new Set(facts.map(({ name }) => name));
  return Object.keys(expected).flatMap((name) => (there.has(name) ? [] : [`nothing for ${name}`]));
}

function differs(facts: readonly string[]): FatalError {
  const more = facts.length > NAMED ? `, and ${facts.length - NAMED} more` : "";
  return new FatalError(
    "LOAD_DIFFERS",
    `What was loaded is not what was exported: ${facts.slice(0, NAMED).join(", ")}${more}. Staging is untouched. Request a new run; if it happens again, report it.`,
  );
}

/** Sessions on an instance, the first of them with the fence. */
function withSessions<Result>(
  context: StageContext,
  role: WritableRole,
  use: (sessions: readonly WriteSession[], first: readonly [WriteSession]) => Promise<Result>,
): Promise<Result> {
  return withInstance(context, role, async (first) => {
    await using opened = new AsyncDisposableStack();
    const open = async () => opened.adopt(await context.platform.databases.write(role), (session) => session.close());
    const others = await together(Array.from({ length: SESSIONS - 1 }, open));
    return await use([first, ...others], [first]);
  });
}
