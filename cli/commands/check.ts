// `understudy check`: the contract against the live schema, before a run finds out.
import { didYouMean } from "../../contracts/nearest.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { readYaml, type Path, type Place } from "../../contracts/yaml-source.ts";
import { checkMasking, type Drift } from "../../handlers/masking/index.ts";
import { readSchema, type Schema } from "../../handlers/mysql/schema.ts";
import type { Command, CommandContext } from "../command.ts";
import { formatNumberOf, formatTable } from "../render/format.ts";

export const check: Command = {
  name: "check",
  summary: "Holds the contract against the live schema and prints the drift",
  description:
    "Reads production's schema, and staging's where rows are preserved: names and types, no rows. Prints what the contract\nand the schema do not agree on, with a patch to review and paste. Exit code 1 where there is drift.",
  parameters: [],
  options: {},
  log: "warnings",
  async run(context) {
    const production = await schemaOf(context, "production");
    const { patch, ...drift } = checkMasking(context.contract.masking, production);
    const findings = [...maskingFindings(drift), ...(await preserveFindings(context, production))];
    const json = { ok: findings.length === 0, findings: findings.map(({ message }) => message), ...drift, patch };
    return { exitCode: findings.length === 0 ? 0 : 1, json, text: textOf(context, findings, patch) };
  },
};

interface Finding {
  /** In the contract; the nearest part of it that there is tells the place. */
  readonly path: Path;
  readonly message: string;
}

async function schemaOf({ world, contract }: CommandContext, role: "production" | "staging"): Promise<Schema> {
  const session: ReadSession = await world.platform.databases.read(role);
  try {
    return await readSchema(session, contract[role].database);
  } finally {
    await session.close();
  }
}

const at = (...names: string[]): Path => ["masking", "tables", ...names];
const hint = (nearest: string | undefined) => (nearest === undefined ? "" : ` Did you mean \`${nearest}\`?`);

function maskingFindings(drift: Omit<Drift, "patch">): Finding[] {
  return [
    ...drift.unknownTables.map(({ name, nearest }) => ({
      path: at(name),
      message: `There is no table \`${name}\`.${hint(nearest)}`,
    })),
    ...drift.unknownColumns.map(({ table, column, nearest }) => ({
      path: at(table, column),
      message: `There is no column \`${table}.${column}\`.${hint(nearest)}`,
    })),
    ...drift.refused.map(({ table, column, message }) => ({
      path: at(table, ...(column === undefined ? [] : [column])),
      message,
    })),
    ...drift.unlistedTables.map((table) => ({ path: at(), message: `The table \`${table}\` is not listed.` })),
    ...drift.unlisted.map(({ table, column }) => ({
      path: at(table),
      message: `The column \`${table}.${column}\` is not listed.`,
    })),
  ];
}

/** Rows go from staging into a copy of production: the table must be in both. */
async function preserveFindings(context: CommandContext, production: Schema): Promise<Finding[]> {
  const { preserve } = context.contract;
  if (preserve.length === 0) return [];
  const schemas = { production, staging: await schemaOf(context, "staging") };
  return preserve.flatMap(({ table }, i) =>
    (["staging", "production"] as const)
      .filter((role) => !schemas[role].tables.has(table))
      .map((role) => ({
        path: ["preserve", i, "table"],
        message: `There is no table \`${table}\` on ${role}.${didYouMean(table, schemas[role].tables.keys())}`,
      })),
  );
}

function textOf(
  { contract, contractFile, contractText }: CommandContext,
  findings: readonly Finding[],
  patch: string,
): string {
  const { database } = contract.production;
  if (findings.length === 0) return `${contractFile} and production's schema \`${database}\` agree.`;
  const source = readYaml(contractText);
  const rows = findings
    .map(({ path, message }) => ({ place: source.placeOfKey(path), message }))
    .toSorted(({ place: a }, { place: b }) => a.line - b.line || a.column - b.column)
    .map(({ place, message }) => [tellPlace(contractFile, place), message]);
  return [
    `${contractFile} against production's schema \`${database}\`: ${formatNumberOf(findings.length, "difference")}`,
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

function tellPlace(file: string, { line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
