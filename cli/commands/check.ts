// `understudy check`: the contract against the live schema, before a run finds out.
import { didYouMean } from "../../contracts/nearest.ts";
import { findRule } from "../../contracts/table-rules.ts";
import { comparePlaces, tellPlace, type Path } from "../../contracts/yaml-source.ts";
import { checkMasking, type Drift } from "../../handlers/masking/index.ts";
import { readSchema, type Schema } from "../../handlers/mysql/schema.ts";
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
    const schema = await schemaOf(source);
    const schemas = new Map([[source.role, schema]]);
    if (context.contract.preserve.length > 0 && source.role === "production") {
      schemas.set("staging", await schemaOf(stagingSource(context)));
    }
    return result(context, source, schema, schemas);
  },
  runApart(context) {
    const source = serverSource(context);
    return (
      source && schemaOf(source).then((schema) => result(context, source, schema, new Map([[source.role, schema]])))
    );
  },
};

interface Finding {
  /** In the contract; the nearest part of it that there is tells the place. */
  readonly path: Path;
  readonly message: string;
}

type Schemas = ReadonlyMap<SchemaSource["role"], Schema>;

function schemaOf(source: SchemaSource): Promise<Schema> {
  return withSession(source, (session) => readSchema(session, source.database));
}

function stagingSource({ world, contract }: CommandContext): SchemaSource {
  const { database } = contract.staging;
  return { role: "staging", database, title: "", open: () => world.platform.databases.read("staging") };
}

function result(context: ApartContext, source: SchemaSource, schema: Schema, schemas: Schemas): CommandResult {
  const { patch, ...drift } = checkMasking(context.contract.masking, schema);
  const findings = [...maskingFindings(context, drift), ...preserveFindings(context, schemas)];
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

/** Rows go from staging into a copy of production: the table must be in both, as far as both can be read. */
function preserveFindings({ contract }: ApartContext, schemas: Schemas): Finding[] {
  return contract.preserve.flatMap(({ table }, i) =>
    [...schemas]
      .filter(([, { tables }]) => !tables.has(table))
      .map(([role, { tables }]) => ({
        path: ["preserve", i, "table"],
        message: `There is no table \`${table}\` on ${role}.${didYouMean(table, tables.keys())}`,
      })),
  );
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
