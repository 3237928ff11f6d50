// `understudy check`: the contract against the live schema, before a run finds out.
import { didYouMean } from "../../contracts/nearest.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { comparePlaces, tellPlace, type Path } from "../../contracts/yaml-source.ts";
import { checkMasking, type Drift } from "../../handlers/masking/index.ts";
import { readSchema, type Schema } from "../../handlers/mysql/schema.ts";
import type { Command, CommandContext } from "../command.ts";
import { formatNumberOf, formatTable } from "../render/format.ts";

export const check: Command = {
  name: "check",
  summary: "Holds the contract against the live schema and prints the drift",
  description:
    "Reads production's schema, and staging's where rows are preserved: names and types, no rows. Prints what the contract\nand the schema do not agree on, with a patch to review and paste. Exit code 1 where there is drift. On Cloud SQL, where\nnobody looks into production, it reads staging's schema instead.",
  parameters: [],
  options: {},
  log: "warnings",
  async run(context) {
    const role = context.world.platform.databases.readable.includes("production") ? "production" : "staging";
    const schema = await schemaOf(context, role);
    const { patch, ...drift } = checkMasking(context.contract.masking, schema);
    const findings = [...maskingFindings(drift), ...(await preserveFindings(context, { role, schema }))];
    const json = { ok: findings.length === 0, findings: findings.map(({ message }) => message), ...drift, patch };
    return { exitCode: findings.length === 0 ? 0 : 1, json, text: textOf(context, role, findings, patch) };
  },
};

interface Finding {
  /** In the contract; the nearest part of it that there is tells the place. */
  readonly path: Path;
  readonly message: string;
}

/** Whose schema the contract is held against. */
type Source = "production" | "staging";

async function schemaOf({ world, contract }: CommandContext, role: Source): Promise<Schema> {
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

/** Rows go from staging into a copy of production: the table must be in both, as far as both can be read. */
async function preserveFindings(
  context: CommandContext,
  known: { readonly role: Source; readonly schema: Schema },
): Promise<Finding[]> {
  const { preserve } = context.contract;
  if (preserve.length === 0) return [];
  const staging = known.role === "staging" ? known.schema : await schemaOf(context, "staging");
  const schemas = new Map<Source, Schema>([
    ["staging", staging],
    [known.role, known.schema],
  ]);
  return preserve.flatMap(({ table }, i) =>
    [...schemas]
      .filter(([, { tables }]) => !tables.has(table))
      .map(([role, { tables }]) => ({
        path: ["preserve", i, "table"],
        message: `There is no table \`${table}\` on ${role}.${didYouMean(table, tables.keys())}`,
      })),
  );
}

function textOf(
  { contract, contractFile, places }: CommandContext,
  role: Source,
  findings: readonly Finding[],
  patch: string,
): string {
  const { database } = contract[role];
  if (findings.length === 0) return `${contractFile} and ${role}'s schema \`${database}\` agree.`;
  const rows = findings
    .map(({ path, message }) => ({ place: places.placeOfKey(path), message }))
    .toSorted(({ place: a }, { place: b }) => comparePlaces(a, b))
    .map(({ place, message }) => [tellPlace(place), message]);
  return [
    `${contractFile} against ${role}'s schema \`${database}\`: ${formatNumberOf(findings.length, "difference")}`,
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
