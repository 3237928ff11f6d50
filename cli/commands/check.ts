// `understudy check`: the contract against the live schema, before a run finds out.
import { isFatal } from "../../contracts/errors.ts";
import { findRule } from "../../contracts/table-rules.ts";
import { comparePlaces, tellPlace, type Path } from "../../contracts/yaml-source.ts";
import { checkMasking, type Drift } from "../../handlers/masking/index.ts";
import { readSchema, type Schema } from "../../handlers/mysql/schema.ts";
import { planUnderContract } from "../../handlers/preserve.ts";
import { examineConditions, examineDeclaration } from "../../handlers/preserving/index.ts";
import type { Command, CommandContext, CommandResult } from "../command.ts";
import { formatNumberOf, formatTable } from "../render/format.ts";
import {
  type ApartContext,
  type SchemaSource,
  SERVER_OPTIONS,
  serverSource,
  withSession,
  worldSource,
} from "../schema-source.ts";

export const check: Command = {
  name: "check",
  summary: "Holds the contract against the live schema and prints the drift",
  description:
    "Reads production's schema, and staging's where rows are preserved: names and types, no rows. Prints what the contract\nand the schema do not agree on, with a patch to review and paste. Exit code 1 where there is drift. On Cloud SQL, where\nnobody looks into production, it reads staging's schema instead.\n\nWith --server it reads that server's schema alone: in the application's CI, after its migrations, a pull request that\nadds a column fails until somebody has decided what may reach staging of it.",
  parameters: [],
  options: SERVER_OPTIONS,
  log: "warnings",
  async run(context) {
    const source = worldSource(context);
    const read = await readFrom(source, context);
    const { preserve, references } = context.contract;
    const staging =
      source.role === "production" && preserve.length + references.length > 0
        ? await readFrom(stagingSource(context), context)
        : undefined;
    return result(context, source, read, staging);
  },
  runApart(context) {
    const source = serverSource(context);
    return source && readFrom(source, context).then((read) => result(context, source, read, undefined));
  },
};

/** What a source says of the contract. */
interface Reading {
  readonly schema: Schema;
  /** Findings about the conditions of `preserve`, which staging parses. */
  readonly conditions: readonly Finding[];
}

interface Finding {
  /** In the contract; the nearest part of it that there is tells the place. */
  readonly path: Path;
  readonly message: string;
}

function readFrom(source: SchemaSource, { contract }: ApartContext): Promise<Reading> {
  return withSession(source, async (session) => {
    const schema = await readSchema(session, source.database);
    const conditions = source.role === "staging" ? await examineConditions(session, schema, contract.preserve) : [];
    return { schema, conditions };
  });
}

function stagingSource({ world, contract }: CommandContext): SchemaSource {
  const { database } = contract.staging;
  return { role: "staging", database, title: "", open: () => world.platform.databases.read("staging") };
}

function result(
  context: ApartContext,
  source: SchemaSource,
  read: Reading,
  staging: Reading | undefined,
): CommandResult {
  const { patch, ...drift } = checkMasking(context.contract.masking, read.schema);
  const schemas = { [source.role]: read.schema, ...(staging && { staging: staging.schema }) };
  const findings = [
    ...maskingFindings(context, drift),
    ...examineDeclaration(context.contract, schemas),
    ...read.conditions,
    ...(staging?.conditions ?? []),
  ];
  if (findings.length === 0 && staging) findings.push(...planFindings(context, read.schema, staging.schema));
  const json = { ok: findings.length === 0, findings: findings.map(({ message }) => message), ...drift, patch };
  return { exitCode: findings.length === 0 ? 0 : 1, json, text: textOf(context, source, findings, patch) };
}

const hint = (nearest: string | undefined) => (nearest === undefined ? "" : ` Did you mean \`${nearest}\`?`);

function maskingFindings({ contract }: ApartContext, drift: Omit<Drift, "patch">): Finding[] {
  const at = (table?: string, ...names: string[]): Path => {
    if (table === undefined) return ["masking", "tables"];
    const found = findRule(contract.masking.tables, table);
    return ["masking", "tables", found && "rule" in found ? found.name : table, ...names];
  };
  return [
    ...drift.unknownTables.map(({ name, nearest }) => ({
      path: at(name),
      message: `There is no table \`${name}\`.${hint(nearest)}`,
    })),
    ...drift.unknownColumns.map(({ table, column, nearest }) => ({
      path: at(table, column),
      message: `There is no column \`${table}.${column}\`.${hint(nearest)}`,
    })),
    ...drift.refused.map(({ table, column, message, allowance }) => ({
      path:
        allowance === undefined
          ? at(table, ...(column === undefined ? [] : [column]))
          : ["masking", "allow", allowance, column === undefined ? "table" : "column"],
      message,
    })),
    ...drift.unlistedTables.map((table) => ({ path: at(), message: `The table \`${table}\` is not listed.` })),
    ...drift.unlisted.map(({ table, column }) => ({
      path: at(table),
      message: `The column \`${table}.${column}\` is not listed.`,
    })),
  ];
}

/** What only the whole plan tells; it says one thing at a time. */
function planFindings({ contract }: ApartContext, production: Schema, staging: Schema): Finding[] {
  try {
    planUnderContract(contract, staging, production);
    return [];
  } catch (error) {
    if (!isFatal(error)) throw error;
    return [{ path: ["preserve"], message: error.message }];
  }
}

function textOf(
  { contractFile, places }: ApartContext,
  { title }: SchemaSource,
  findings: readonly Finding[],
  patch: string,
): string {
  if (findings.length === 0) return `${contractFile} and ${title} agree.`;
  const rows = findings
    .map(({ path, message }) => ({ place: places.placeOfKey(path), message }))
    .toSorted(({ place: a }, { place: b }) => comparePlaces(a, b))
    .map(({ place, message }) => [tellPlace(place), message]);
  return [
    `${contractFile} against ${title}: ${formatNumberOf(findings.length, "difference")}`,
    "",
    ...formatTable(rows),
    ...(patch === ""
      ? []
      : ["", "A proposal to review, then to put under `masking.tables` in place of these tables' entries:", ""]),
    patch.trimEnd(),
  ]
    .join("\n")
    .trimEnd();
}
