// Facts of the whole copy that masking must leave as they were: row counts, orphans, columns computed from kept ones.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { textLiteral } from "../../mysql/literals.ts";
import { countOrphans } from "../../mysql/orphans.ts";
import type { ForeignKey, Schema, Table } from "../../mysql/schema.ts";
import { columnId } from "../column-kind.ts";
import type { MaskingJob } from "../job.ts";
import type { Whole } from "../ledger.ts";
import { maskedColumns, type TablePlan } from "../plan.ts";
import { exactly } from "./row-identity.ts";

/** One fact: how it is asked of the server, and what a change of it means. */
export interface Fact {
  readonly table: TablePlan;
  readonly step: string;
  ask(session: WriteSession): Promise<string>;
  /** The error for a fact that is not as it was. */
  differs(before: string, after: string): FatalError | undefined;
}

/** Row counts of tables that masking leaves alone (the ledger has the others'), orphans, generated values. */
export async function factsOf(session: WriteSession, job: MaskingJob, schema: Schema): Promise<Fact[]> {
  const expressions = await readExpressions(session, job.database);
  return job.plan.tables
    .filter(({ rule }) => rule !== "truncate")
    .flatMap((plan) => {
      const table = schema.tables.get(plan.table);
      if (!table) return [];
      return [
        ...(maskedColumns(plan).length === 0 ? [rowCount(job, plan)] : []),
        ...table.foreignKeys.map((key) => orphans(job, plan, key)),
        ...generatedValues(job, plan, table, expressions),
      ];
    });
}

function rowCount({ database }: MaskingJob, table: TablePlan): Fact {
  return {
    table,
    step: `rows:${table.table}`,
    ask: (session) => askNumber(session, `SELECT COUNT(*) AS found FROM ${quoteTable(database, table.table)}`),
    differs: (before, after) =>
      new FatalError(
        "MASK_ROWS_DIFFER",
        `\`${table.table}\` has ${after} rows and should have ${before}. Something else wrote to the replica: abandon the run and request a new one.`,
      ),
  };
}

/** Rows that refer to no parent. Production may have some; masking must not add to them. */
function orphans(job: MaskingJob, table: TablePlan, key: ForeignKey): Fact {
  const { database } = job;
  return {
    table,
    step: `orphans:${table.table}.${key.name}`,
    ask: (session) => askNumber(session, countOrphans(database, key)),
    differs: (before, after) =>
      Number(after) <= Number(before)
        ? undefined
        : new FatalError(
            "MASK_ORPHANS",
            `${after} rows of \`${table.table}\` refer to nothing by the foreign key \`${key.name}\`; before masking ${before} did. Nothing was handed on. Abandon the run, and report this as a defect.`,
          ),
  };
}

/** Columns that the server computes from kept ones alone: one digest of all their values. */
function generatedValues(
  { database }: MaskingJob,
  plan: TablePlan,
  table: Table,
  expressions: ReadonlyMap<string, string>,
): Fact[] {
  const masked = maskedColumns(plan).map(({ column }) => columnId(column));
  if (masked.length === 0) return [];
  const changing = new Set(masked);
  const generated = table.columns.filter((column) => column.generated);
  // A generated column may be computed from another one.
  for (let grown = true; grown;) {
    grown = false;
    for (const { name } of generated) {
      const expression = expressions.get(`${table.name}.${columnId(name)}`);
      const isChanging = expression === undefined || [...changing].some((column) => expression.includes(column));
      if (!isChanging || changing.has(columnId(name))) continue;
      changing.add(columnId(name));
      grown = true;
    }
  }
  return generated
    .filter(({ name }) => !changing.has(columnId(name)))
    .map((column) => ({
      table: plan,
      step: `generated:${table.name}.${column.name}`,
      ask: (session) =>
        askNumber(
          session,
          `SELECT CONCAT(COUNT(${quoteName(column.name)}), ':', IFNULL(SUM(CRC32(${exactly(column)})), 0)) AS found
           FROM ${quoteTable(database, table.name)}`,
        ),
      differs: () =>
        new FatalError(
          "MASK_GENERATED_DIFFERS",
          `\`${table.name}.${column.name}\` is computed from kept columns, and its values changed while masking. Nothing was handed on. Abandon the run, and report this as a defect.`,
        ),
    }));
}

/** In lower case, by `table.column`. MySQL 5.6 has no generated columns, and no such column in its catalogue. */
async function readExpressions(session: WriteSession, database: string): Promise<Map<string, string>> {
  const known = await session.query(
    `SELECT 1 AS found FROM information_schema.columns
     WHERE table_schema = 'information_schema' AND table_name = 'COLUMNS' AND column_name = 'GENERATION_EXPRESSION'`,
  );
  if (known.length === 0) return new Map();
  const rows = await session.query<{ place: string; expression: string }>(
    `SELECT CONCAT(table_name, '.', LOWER(column_name)) AS place, LOWER(generation_expression) AS expression
     FROM information_schema.columns
     WHERE table_schema = ${textLiteral(database)} AND generation_expression IS NOT NULL AND generation_expression <> ''`,
  );
  return new Map(rows.map(({ place, expression }) => [place, expression]));
}

async function askNumber(session: WriteSession, sql: string): Promise<string> {
  const [row] = await session.query<{ found: Whole }>(sql);
  return String(row?.found);
}
