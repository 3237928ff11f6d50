// What has to be done before the first row is masked, so that transforms find what they need. Pure.
import { quoteName } from "../mysql/identifiers.ts";
import type { Column, Schema, Table } from "../mysql/schema.ts";
import { kindOf } from "./column-kind.ts";
import type { Reference } from "./foreign-keys.ts";
import type { ColumnPlan, Permutation, Preparation, Spelling, TablePlan } from "./plan.ts";
import type { Refusal } from "./refusals.ts";
import { permutationTable, permutationType } from "./transforms/permute.ts";

export interface PlannedPreparations {
  readonly planned: readonly Preparation[];
  readonly refused: readonly Refusal[];
}

/** @param references those whose children are masked as their parents are, parents first */
export function planPreparations(
  schema: Schema,
  tables: readonly TablePlan[],
  references: readonly Reference[],
): PlannedPreparations {
  const children = new Set(references.map(({ child }) => child.column));
  // Parents first: texts are spelled as theirs.
  const permuted = permutedColumns(schema, tables).toSorted(
    (a, b) => Number(children.has(a.column)) - Number(children.has(b.column)),
  );
  const domains = [...Map.groupBy(permuted, ({ domain }) => domain).values()];
  return {
    planned: [...planSpellings(tables, references), ...domains.map(permutation)],
    refused: domains.flatMap(refuseMixedTypes),
  };
}

interface Permuted {
  readonly domain: string;
  readonly table: Table;
  readonly column: Column;
}

function permutedColumns(schema: Schema, tables: readonly TablePlan[]): Permuted[] {
  return tables.flatMap((plan) => {
    const table = schema.tables.get(plan.table);
    return plan.columns.flatMap(({ column: name, transform, sql }) => {
      const column = table?.columns.find((candidate) => candidate.name === name);
      if (!table || !column || transform.name !== "permute" || sql === undefined) return [];
      return { domain: transform.domain ?? `${table.name}.${column.name}`, table, column };
    });
  });
}

function permutation(permuted: readonly Permuted[]): Permutation {
  const [first] = permuted;
  if (!first) throw new TypeError("A permutation is of some column.");
  return {
    kind: "permutation",
    name: permutationTable(first.domain, first.column),
    type: permutationType(first.column),
    of: kindOf(first.column) as Permutation["of"],
    domain: first.domain,
    columns: permuted.map(({ table, column }) => ({ table: table.name, column: column.name })),
  };
}

/** Columns of one domain share their values, so each must hold the others'. */
function refuseMixedTypes([first, ...rest]: readonly Permuted[]): Refusal[] {
  if (!first) return [];
  return rest
    .filter(({ column }) => permutationType(column) !== permutationType(first.column))
    .map(({ domain, table, column }) => ({
      code: "MASK_TRANSFORM_UNFIT",
      table: table.name,
      column: column.name,
      message: `\`permute\` on \`${table.name}.${column.name}\`: in the domain \`${domain}\` the column would get values of \`${first.table.name}.${first.column.name}\`, which is of another type. Give it a domain of its own.`,
    }));
}

/** Text alone can be equal and not the same. A permutation takes what is equal for one value by itself. */
function planSpellings(tables: readonly TablePlan[], references: readonly Reference[]): Spelling[] {
  const plans = new Map(
    tables.flatMap(({ table, columns }) => columns.map((column) => [`${table}\0${column.column}`, column] as const)),
  );
  const isSpelled = ({ child }: Reference) => {
    const transform = plans.get(`${child.table.name}\0${child.column.name}`)?.transform.name;
    return kindOf(child.column) === "text" && transform !== "permute" && transform !== "null";
  };
  const byKey = Map.groupBy(references.filter(isSpelled), ({ foreignKey }) => foreignKey);
  return [...byKey].map(([{ table, columns, parentTable, parentColumns }, spelled]) => ({
    kind: "spelling" as const,
    child: table,
    parent: parentTable,
    columns: columns.map((child, i) => ({
      child,
      parent: parentColumns[i] ?? "",
      isSpelled: spelled.some((reference) => reference.child.column.name.toLowerCase() === child.toLowerCase()),
    })),
    unmoved: unmovedOf(tables.find((plan) => plan.table === table)?.columns ?? []),
  }));
}

/** Those whose plan sets them to themselves: ON UPDATE CURRENT_TIMESTAMP. */
function unmovedOf(columns: readonly ColumnPlan[]): string[] {
  return columns
    .filter(({ column, sql, unchanged }) => unchanged === undefined && sql === quoteName(column))
    .map(({ column }) => column);
}
