// The proof on the copy: every preserved row stands there once, with its values, and each reference leads to its row.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { telling } from "./errors.ts";
import { count, type Merging } from "./merging.ts";
import {
  tableOf,
  type PlannedConstraint,
  type PlannedReference,
  type PlannedTable,
  type PreservePlan,
} from "./preserve-plan.ts";
import { isOutside, isPresent, isRight, leadingOutside, refersTo } from "./reference-sql.ts";
import { stepsOf } from "./steps.ts";
import { DEFAULT_WORK_DATABASE, fingerprint, movedName, readState, valueInCopy, workspaceOf } from "./workspace.ts";

export interface ProveOptions {
  readonly plan: PreservePlan;
  readonly open: () => Promise<WriteSession>;
  readonly database: string;
  readonly workDatabase?: string;
}

export interface PreserveSummary {
  /** Tables that got at least one row. */
  readonly tables: number;
  readonly rows: number;
  /** Rows that have another id than in staging. */
  readonly remapped: number;
  readonly perTable: readonly { readonly table: string; readonly rows: number; readonly remapped: number }[];
}

/**
 * Proves what `preserveRows` finished, and sums it up.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED` when a row or a reference is not as planned, or the work is not finished;
 *   RetryAfter `PRESERVE_INTERRUPTED`
 */
export async function provePreserved(options: ProveOptions): Promise<PreserveSummary> {
  const { plan, database, workDatabase = DEFAULT_WORK_DATABASE } = options;
  const session = await options.open();
  try {
    const context = { plan, session, workspace: workspaceOf(plan, workDatabase), database };
    return await telling("proving the preserved rows", () => prove(context));
  } finally {
    await session.close();
  }
}

async function prove(context: Merging): Promise<PreserveSummary> {
  const { plan, session, workspace } = context;
  const state = await readState(session, workspace);
  const finished = state?.plan === fingerprint(plan) && state.step === stepsOf(plan).length;
  if (!finished) fail("they were not all carried over by this plan");
  const perTable: { table: string; rows: number; remapped: number }[] = [];
  for (const table of plan.tables) perTable.push(await proveTable(context, table));
  for (const reference of plan.references) await proveReference(context, reference);
  for (const constraint of plan.defaulted) await proveDefaulted(context, constraint);
  const sum = (of: "rows" | "remapped") => perTable.reduce((total, entry) => total + entry[of], 0);
  return {
    tables: perTable.filter(({ rows }) => rows > 0).length,
    rows: sum("rows"),
    remapped: sum("remapped"),
    perTable,
  };
}

/** As many rows more as were carried, and each of them, found by its key in the copy, with every value as planned. */
async function proveTable(context: Merging, table: PlannedTable) {
  const { session, workspace, database } = context;
  const rows = workspace.rows(table.name);
  const inCopy = quoteTable(database, table.name);
  const staged = await count(context, rows);
  const [before] = await session.query<{ n: string }>(
    `SELECT rows_before AS n FROM ${workspace.counts} WHERE table_name = ?`,
    [table.name],
  );
  const added = (await count(context, inCopy)) - Number(before?.n);
  if (added !== staged) fail(`\`${table.name}\` should have grown by ${staged} rows and has grown by ${added}`);
  if (table.key.length > 0) {
    const whole = await count(
      context,
      `${rows} s STRAIGHT_JOIN ${inCopy} c ON ${isRowOf(table)} WHERE ${isWhole(table)}`,
    );
    if (whole !== staged) fail(`of ${staged} rows of \`${table.name}\`, ${whole} stand in the copy as planned`);
  }
  const id = table.id?.column;
  const moved = id === undefined ? "FALSE" : `${movedName(table, id)} <> ${quoteName(id)}`;
  return { table: table.name, rows: staged, remapped: await count(context, `${rows} WHERE ${moved}`) };
}

/** `c` in the copy is the work row `s`. */
function isRowOf(table: PlannedTable): string {
  return table.key.map((column) => `c.${quoteName(column)} = ${valueInCopy(table, column, "s")}`).join(" AND ");
}

/** Spatial values and vectors do not compare on every server. */
function isWhole(table: PlannedTable): string {
  return table.columns
    .filter((column) => !column.generated && column.read !== "hex")
    .map(({ name }) => `c.${quoteName(name)} <=> ${valueInCopy(table, name, "s")}`)
    .join(" AND ");
}

/** Rows were inserted with foreign key checks off, so every reference is looked up now. */
async function proveReference(context: Merging, reference: PlannedReference): Promise<void> {
  const { plan, workspace, database } = context;
  const child = tableOf(plan, reference.table);
  const rows = workspace.rows(child.name);
  const leads = reference.columns
    .map((column, i) => `c.${quoteName(reference.parentColumns[i] ?? "")} = ${valueInCopy(child, column, "s")}`)
    .join(" AND ");
  const orphans = await count(
    context,
    `${rows} s LEFT JOIN ${quoteTable(database, reference.parentTable)} c ON ${leads}
     WHERE ${isPresent(reference)} AND c.${quoteName(reference.parentColumns[0] ?? "")} IS NULL`,
  );
  const strays = await count(
    context,
    `${leadingOutside(plan, workspace, reference)} WHERE ${isOutside(reference)} AND NOT (${isRight(plan, reference, "outside")})`,
  );
  const wrong = reference.carried
    ? await count(
        context,
        `${rows} s JOIN ${workspace.rows(reference.parentTable)} p ON ${refersTo(reference, "p")} WHERE NOT (${isRight(plan, reference, "p")})`,
      )
    : 0;
  if (orphans + strays + wrong === 0) return;
  fail(
    `${orphans + strays + wrong} references by \`${child.name}.${reference.columns.join(", ")}\` lead to no row or to a wrong one`,
  );
}

/** Foreign keys over columns that staging lacks: their defaults must lead somewhere. */
async function proveDefaulted(context: Merging, { table, columns, parentTable, parentColumns }: PlannedConstraint) {
  const { plan, workspace, database } = context;
  const child = tableOf(plan, table);
  const inCopy = `${quoteTable(database, table)} c`;
  const rows =
    child.key.length > 0 ? `${workspace.rows(table)} s STRAIGHT_JOIN ${inCopy} ON ${isRowOf(child)}` : inCopy;
  const leads = columns.map((column, i) => `p.${quoteName(parentColumns[i] ?? "")} = c.${quoteName(column)}`);
  const present = columns.map((column) => `c.${quoteName(column)} IS NOT NULL`);
  const orphans = await count(
    context,
    `${rows} LEFT JOIN ${quoteTable(database, parentTable)} p ON ${leads.join(" AND ")}
     WHERE ${present.join(" AND ")} AND p.${quoteName(parentColumns[0] ?? "")} IS NULL`,
  );
  if (orphans > 0) fail(`the default of \`${table}.${columns.join(", ")}\` leads ${orphans} rows to no row`);
}

function fail(fact: string): never {
  throw new FatalError(
    "PRESERVE_PROOF_FAILED",
    `The preserved rows are not as they should be: ${fact}. Nothing has reached staging. Abandon the run and request a new one; if it happens again, report it.`,
  );
}
