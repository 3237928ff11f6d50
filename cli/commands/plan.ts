// `understudy plan`: what masking would do to which column of which table, before anything is done.
import { randomBytes } from "node:crypto";
import { didYouMean } from "../../contracts/nearest.ts";
import type { ReadSession, SqlValue } from "../../contracts/platform.ts";
import {
  maskedColumns,
  type MaskingPlan,
  planMasking,
  type Sample,
  sampleRows,
  setKey,
  tableStatements,
} from "../../handlers/masking/index.ts";
import { readSchema, type Schema } from "../../handlers/mysql/schema.ts";
import { UsageError } from "../arguments.ts";
import type { Command, CommandContext, CommandResult } from "../command.ts";
import { planPreserve } from "./plan-preserve.ts";
import { type PlannedTable, planText, type PlanView } from "../render/plan-text.ts";
import {
  type ApartContext,
  type SchemaSource,
  SERVER_OPTIONS,
  serverSource,
  withSession,
  worldSource,
} from "../schema-source.ts";

const MOST_SAMPLES = 100;

export const plan: Command = {
  name: "plan",
  summary: "Prints what masking would do to each column, or preserving to staging's rows, and changes nothing",
  description:
    "Reads production's schema (on Cloud SQL staging's, or the server's of --server) and prints each table's columns with\ntheir transforms, which rows stay behind, and about how many rows there are.\n\n--samples shows values of a few rows as they are and as they would become, computed by the server in a SELECT. They are\npersonal data: they are printed and kept nowhere. The key is made for the moment, so the values that staging gets are\nothers of the same form.\n\n--preserve shows staging's own rows instead, a table a line: how many come along, which ids they keep, what they clash\nwith in production and what the contract says of it; and columns that look like references which nobody declared. Exit\ncode 1 where a run would be refused. On Cloud SQL nobody reads production: name a clone or read replica by --server, or\nstaging's other rows, its last masked copy, stand for it, and ids and unique keys stay unknown.",
  parameters: [],
  options: {
    table: { type: "string", value: "NAME", description: "Of this table alone." },
    sql: {
      type: "boolean",
      description: "Prints each table's statements too; very long ones are whole with --json alone.",
    },
    samples: {
      type: "string",
      value: "N",
      description: `Shows N rows of each table, at most ${MOST_SAMPLES}: personal data.`,
    },
    preserve: { type: "boolean", description: "Shows which of staging's rows would be preserved, and what they meet." },
    ...SERVER_OPTIONS,
  },
  log: "warnings",
  async run(context: CommandContext) {
    return context.options["preserve"] === true ? planPreserve(context) : run(context, worldSource(context));
  },
  runApart(context) {
    refuseBesidePreserve(context.options);
    if (context.options["preserve"] === true) return undefined;
    const source = serverSource(context);
    return source && run(context, source);
  },
};

/** What is told of preserved rows has none of these. */
function refuseBesidePreserve(options: ApartContext["options"]): void {
  if (options["preserve"] !== true) return;
  const beside = ["table", "sql", "samples"].find((name) => options[name] !== undefined);
  if (beside !== undefined) throw new UsageError(`\`--preserve\` does not go with \`--${beside}\`.`, "plan");
}

async function run(context: ApartContext, source: SchemaSource): Promise<CommandResult> {
  const { contract, contractFile, options } = context;
  const samples = samplesOf(options["samples"]);
  return withSession(source, async (session) => {
    const schema = await readSchema(session, source.database);
    const whole = planMasking(contract.masking, schema);
    const tables = chosenTables(whole, options["table"]);
    const sampled = samples === 0 ? [] : await sampleAll(session, source, whole, tables, samples);
    const view: PlanView = {
      contract: contractFile,
      title: source.title,
      tables: tables.map((table) => describe(table, schema, sampled, source.database, options["sql"] === true)),
    };
    return { exitCode: 0, json: view, text: planText(view) };
  });
}

function samplesOf(option: string | boolean | undefined): number {
  if (option === undefined) return 0;
  const count = Number(option);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SAMPLES) return count;
  throw new UsageError(`\`--samples\` takes a whole number from 1 to ${MOST_SAMPLES}.`, "plan");
}

function chosenTables({ tables }: MaskingPlan, option: string | boolean | undefined): MaskingPlan["tables"] {
  if (typeof option !== "string") return tables;
  const chosen = tables.filter(({ table }) => table === option);
  if (chosen.length > 0) return chosen;
  const hint = didYouMean(
    option,
    tables.map(({ table }) => table),
  );
  throw new UsageError(`There is no table \`${option}\`.${hint}`, "plan");
}

/** Under a key that nobody keeps: production's server is never told the pipeline's own, and nobody here need read it. */
async function sampleAll(
  session: ReadSession,
  { database }: SchemaSource,
  whole: MaskingPlan,
  tables: MaskingPlan["tables"],
  count: number,
): Promise<Sample[]> {
  await setKey(session, randomBytes(32));
  const samples: Sample[] = [];
  for (const table of tables) {
    if (maskedColumns(table).length > 0) samples.push(await sampleRows(session, database, whole, table, count));
  }
  return samples;
}

function describe(
  table: MaskingPlan["tables"][number],
  schema: Schema,
  samples: readonly Sample[],
  database: string,
  withSql: boolean,
): PlannedTable {
  const { rows } = table;
  const sample = samples.find((each) => each.table === table.table);
  return {
    table: table.table,
    rule: table.rule,
    estimatedRows: schema.tables.get(table.table)?.estimatedRows ?? 0,
    ...(rows && {
      staysBehind: {
        ...(rows.deleteRows !== undefined && { condition: rows.deleteRows }),
        references: rows.orphans.map(({ columns, parentTable, become }) => ({ columns, parentTable, become })),
      },
    }),
    columns: table.columns.map(({ column, type, transform, sql }) => ({
      ...{ column, type, transform },
      ...(withSql && sql !== undefined && { sql }),
    })),
    ...(withSql && { statements: tableStatements(database, table) }),
    ...(sample && { sample: sampleView(sample) }),
  };
}

/** Bytes as hexadecimal digits. */
function readable(value: SqlValue | undefined): string | number | null | undefined {
  return Buffer.isBuffer(value) ? `0x${value.toString("hex")}` : value;
}

function sampleView(sample: Sample): NonNullable<PlannedTable["sample"]> {
  if (!("rows" in sample)) return { errno: sample.errno, code: sample.code };
  const rows = sample.rows.map((row) =>
    row.map(({ column, before, after }) => ({ column, before: readable(before) ?? null, after: readable(after) })),
  );
  return { rows };
}
