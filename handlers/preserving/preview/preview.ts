// What preserving would do, told before it runs: staging is read in one snapshot, and held against production's data.
import { isMySqlError } from "../../../contracts/errors.ts";
import type { ReadSession } from "../../../contracts/platform.ts";
import type { OnMatch } from "../../../contracts/sync-contract.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { telling } from "../errors.ts";
import type { PreservePlan } from "../preserve-plan.ts";
import type { Side } from "./find-rows.ts";
import { meetKeys, type MetKeys } from "./keys.ts";
import { meetParents, type MetParents } from "./parents.ts";
import { clashRefusals, parentRefusals, type Refusal } from "./refusals.ts";
import { RowSet } from "./row-set.ts";
import type { Clash } from "./values-in-copy.ts";
import { walk } from "./walk.ts";

export interface PreviewOptions {
  readonly plan: PreservePlan;
  /** Taken for the snapshot; the caller closes it. */
  readonly staging: ReadSession;
  readonly stagingDatabase: string;
  /** Left out where nobody reads production: staging's other rows, its last masked copy, stand for it. */
  readonly production?: {
    readonly session: ReadSession;
    readonly database: string;
    /** A condition on production's rows that reach the copy; undefined for a table of which all do. */
    readonly present: (table: string) => string | undefined;
    readonly isMasked: (table: string, column: string) => boolean;
  };
}

export interface PreservePreview {
  readonly heldAgainst: "production" | "staging";
  readonly tables: readonly PreviewedTable[];
  readonly refusals: readonly Refusal[];
  /** What is not carried, and why, in sentences. */
  readonly notes: readonly string[];
}

/** Counts of rows, but for `parents`: of references, to rows that are not carried. */
export interface PreviewedTable {
  readonly table: string;
  readonly rows: number;
  /** Null where nobody reads production: which ids it has taken is then known only to the run. */
  readonly idsKept: number | null;
  readonly idsAnew: number | null;
  readonly matched: Readonly<Record<Exclude<OnMatch["kind"], "fail">, number>>;
  readonly parents: {
    readonly pointed: number;
    readonly nulled: number;
    readonly missing: number;
    readonly different: number;
  };
  readonly clashes: readonly Omit<Clash, "table">[];
}

/**
 * Follows what a run would do, with keys in memory and only reads. It changes nothing and takes no lock.
 *
 * A client compares texts nearly as a server does; the run itself decides.
 *
 * @throws FatalError `PRESERVE_WHERE`, `PREVIEW_TOO_LARGE`, `PRESERVE_REFUSED`; RetryAfter `PRESERVE_INTERRUPTED`
 */
export async function previewPreserve(options: PreviewOptions): Promise<PreservePreview> {
  return telling("previewing the rows to preserve", () => preview(options));
}

async function preview({ plan, staging, stagingDatabase, production }: PreviewOptions): Promise<PreservePreview> {
  const from: Side = { session: staging, database: stagingDatabase };
  await openSnapshot(from);
  if (production) await openSnapshot(production);
  const set = new RowSet(plan);
  await walk(set, from);
  const parents = await meetParents(set, from, production);
  const keys = production && (await meetKeys(set, production, production.isMasked));
  const told = production ? await rulesThatMeet(plan, production) : [];
  const where = production ? "production" : "staging";
  return {
    heldAgainst: where,
    tables: plan.tables.map(({ name }) => tableOfPreview(set, name, parents, keys)).filter(({ rows }) => rows > 0),
    refusals: [
      ...told,
      ...parents.flatMap((met) => parentRefusals(met, where)),
      ...(keys?.clashes ?? []).flatMap(clashRefusals),
    ],
    notes: plan.notes,
  };
}

/** InnoDB's consistent reads lock nothing. A rule's condition may name other tables without the database. */
async function openSnapshot({ session, database }: Side): Promise<void> {
  await session.query(`USE ${quoteName(database)}`);
  await session.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await session.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

/** A rule must tell staging's own rows from production's: next time, staging holds both. */
async function rulesThatMeet({ rules }: PreservePlan, { session, database, present }: Side): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const { table, where } of rules) {
    const condition = present?.(table);
    const and = condition === undefined ? "" : ` AND ${condition}`;
    try {
      const found = await session.query(
        `SELECT 1 AS found FROM ${quoteTable(database, table)} WHERE (${where}\n)${and} LIMIT 1`,
      );
      if (found.length === 0) continue;
    } catch (error) {
      // It names a table or column that production does not have, so it is true for none of production's rows.
      if (isMySqlError(error) && [1054, 1146].includes(error.errno)) continue;
      throw error;
    }
    refusals.push({
      code: "PRESERVE_RULE_MATCHES_PRODUCTION",
      message: `The rule to preserve \`${table}\` is true for rows of production too, which would be carried again with every sync. Give it a condition that is true for staging's own rows alone.`,
    });
  }
  return refusals;
}

function tableOfPreview(
  set: RowSet,
  name: string,
  parents: readonly MetParents[],
  keys: MetKeys | undefined,
): PreviewedTable {
  const rows = set.count(name);
  const matched = { "keep-production": 0, overwrite: 0, rename: 0 };
  let idsAnew = 0;
  for (const row of set.of(name)) {
    if (keys?.anew.has(row)) idsAnew++;
    const kind = keys?.matched.get(row);
    if (kind && kind !== "fail") matched[kind]++;
  }
  const own = parents.filter(({ reference }) => reference.table === name);
  const sum = (of: "pointed" | "nulled" | "missing" | "different") => own.reduce((total, each) => total + each[of], 0);
  return {
    ...{
      table: name,
      rows,
      idsKept: keys ? rows - idsAnew - matched["keep-production"] - matched.overwrite : null,
      idsAnew: keys ? idsAnew : null,
      matched,
    },
    parents: { pointed: sum("pointed"), nulled: sum("nulled"), missing: sum("missing"), different: sum("different") },
    clashes: (keys?.clashes ?? []).flatMap(({ table, ...clash }) => (table === name ? [clash] : [])),
  };
}
