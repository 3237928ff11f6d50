// Collects staging's rows: those of the rules, then round by round the rows that hang on them, then their parents outside.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { refusingCondition, rowsOfRule } from "./check-conditions.ts";
import { collectChildren } from "./collect-children.ts";
import { collectParents } from "./collect-parents.ts";
import { telling } from "./errors.ts";
import { allowJoining } from "./joined-rows.ts";
import type { Collecting } from "./pages.ts";
import { tableOf, type PreservePlan } from "./preserve-plan.ts";
import { rowsTarget } from "./rows-target.ts";
import { copyRows } from "./staging-rows.ts";
import { sideBySide } from "./side-by-side.ts";
import { takingTurns } from "./taking-turns.ts";
import { follows } from "./ways.ts";
import { roundName } from "./workspace.ts";

/**
 * Copies the whole set from staging into the empty work tables, out of one consistent snapshot: a later snapshot does not
 * fit rows of an earlier one. Staging is only read.
 *
 * @throws FatalError `PRESERVE_WHERE` for a rule whose condition staging refuses, `PRESERVE_DOCUMENT_BROKEN`
 */
export async function collect(collecting: Collecting): Promise<void> {
  const { plan, stagingDatabase } = collecting;
  // One session holds the snapshot, and several write what it reads.
  const staging = takingTurns(collecting.staging);
  const context = { ...collecting, staging };
  await telling("opening a snapshot of staging", async () => {
    // A rule's condition may name other tables of staging's without the database.
    await staging.query(`USE ${quoteName(stagingDatabase)}`);
    await staging.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await allowJoining(staging);
    await staging.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  });
  for (const rule of plan.rules) await collectRule(context, rule);
  for (const way of plan.ways.keys()) await collectWay(context, way);
  await collectParents(context);
  await telling("closing the snapshot of staging", () => staging.query("COMMIT"));
}

type PlannedRule = PreservePlan["rules"][number];

async function collectRule(context: Collecting, rule: PlannedRule): Promise<void> {
  const table = tableOf(context.plan, rule.table);
  const from = rowsOfRule(context.stagingDatabase, rule);
  const target = rowsTarget(context, table, rule.way, 0);
  await telling(`reading the rows to preserve of \`${rule.table}\``, () =>
    refusingCondition(rule.table, () => copyRows(context.staging, { from }, context.session, target)),
  );
}

/** Each way by itself: what one does not follow is not carried through it, whatever another carries. */
async function collectWay(context: Collecting, i: number): Promise<void> {
  const { plan } = context;
  const way = plan.ways[i];
  const followed = plan.references.filter(({ table, carried }) => carried && way && follows(way, table));
  const byTable = [...Map.groupBy(followed, ({ table }) => table).values()];
  const parents = new Set(followed.map(({ parentTable }) => parentTable));
  for (let round = 1; await hasRound(context, parents, i, round - 1); round++) {
    await sideBySide(
      context.open,
      byTable.map((references) => async (session: WriteSession) => {
        for (const k of references.keys()) await collectChildren({ ...context, session }, references, k, i, round);
      }),
    );
  }
}

/** Whether any of the tables got rows in the round. */
async function hasRound({ session, workspace }: Collecting, tables: ReadonlySet<string>, way: number, round: number) {
  for (const table of tables) {
    const found = await session.query(
      `SELECT 1 AS found FROM ${workspace.rows(table)} WHERE ${roundName(way)} = ? LIMIT 1`,
      [round],
    );
    if (found.length > 0) return true;
  }
  return false;
}
