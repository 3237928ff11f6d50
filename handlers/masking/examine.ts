// The contract held against a schema: what would be done to each column, and everything that stands in the way.
import type { MaskingContract, TableRule, Transform } from "../../contracts/sync-contract.ts";
import { nearest } from "../../contracts/nearest.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Column, Schema, Table } from "../mysql/schema.ts";
import { chooseChunkKey } from "./chunk-key.ts";
import { columnId } from "./column-kind.ts";
import { maskedColumns, type ColumnPlan, type MaskingPlan, type TablePlan } from "./plan.ts";
import { maskColumn, type Refusal } from "./refusals.ts";
import { isMasking, type Masked } from "./transforms/index.ts";

export interface UnknownName {
  readonly table: string;
  readonly column?: string;
  /** The name that was probably meant. */
  readonly nearest?: string;
}

export interface Findings {
  /** Complete only where nothing was found. */
  readonly plan: MaskingPlan;
  readonly unknown: readonly UnknownName[];
  readonly unlistedTables: readonly string[];
  /** Of tables that the contract names. */
  readonly unlisted: readonly { readonly table: string; readonly column: string }[];
  readonly refused: readonly Refusal[];
}

/** Pure. Names are compared as MySQL does: tables exactly, columns without case. */
export function examine(contract: MaskingContract, schema: Schema): Findings {
  const tables = [...schema.tables.values()];
  const examined = tables.map((table) => examineTable(contract, schema, table));
  const named = Object.keys(contract.tables);
  return {
    plan: { tables: examined.map(({ plan }) => plan) },
    unknown: [
      ...named
        .filter((name) => !schema.tables.has(name))
        .map((table) => ({ table, ...nearestOf(table, schema.tables.keys()) })),
      ...examined.flatMap(({ unknown }) => unknown),
    ],
    unlistedTables: tables
      .filter((table, i) => !ruleOf(contract, table) && (examined[i]?.unlisted.length ?? 0) > 0)
      .map(({ name }) => name),
    unlisted: examined.flatMap(({ unlisted }) => unlisted).filter(({ table }) => Object.hasOwn(contract.tables, table)),
    refused: [...examined.flatMap(({ refused }) => refused), ...orphansByTruncation(contract, schema)],
  };
}

/** The contract's rule for a table. By own properties alone: a table may be called `constructor`. */
export function ruleOf(contract: MaskingContract, table: Table): TableRule | undefined {
  return Object.hasOwn(contract.tables, table.name) ? contract.tables[table.name] : undefined;
}

interface ExaminedTable {
  readonly plan: TablePlan;
  readonly unknown: UnknownName[];
  readonly unlisted: { readonly table: string; readonly column: string }[];
  readonly refused: Refusal[];
}

function examineTable(contract: MaskingContract, schema: Schema, table: Table): ExaminedTable {
  const rule = ruleOf(contract, table) ?? { kind: "columns", columns: {} };
  const given = transformsById(rule, table);
  const examined = table.columns.map((column) =>
    examineColumn(schema, table, column, given.transforms.get(columnId(column.name)), contract.unlisted),
  );
  const columns = examined.flatMap(({ plan }) => plan ?? []);
  const masked = maskedColumns({ table: table.name, rule: rule.kind, columns });
  const chunkKey = chooseChunkKey(
    table,
    masked.map(({ column }) => column),
  );
  const refused = [...given.refused, ...examined.flatMap(({ refused: refusal }) => refusal ?? [])];
  if (masked.length > 0 && table.engine.toLowerCase() !== "innodb") {
    refused.push({
      code: "MASK_ENGINE",
      table: table.name,
      message: `\`${table.name}\` is stored by \`${table.engine}\`, which has no transactions, so an interrupted run could mask a row twice. Convert it to InnoDB, or \`truncate\` it.`,
    });
  }
  return {
    plan: {
      table: table.name,
      rule: rule.kind,
      columns,
      ...(chunkKey && { chunkKey }),
    },
    unknown: given.unknown,
    unlisted: examined.flatMap(({ plan }, i) =>
      plan ? [] : [{ table: table.name, column: table.columns[i]?.name ?? "" }],
    ),
    refused,
  };
}

function transformsById(rule: TableRule, table: Table) {
  const transforms = new Map<string, Transform>();
  const unknown: UnknownName[] = [];
  const refused: Refusal[] = [];
  if (rule.kind !== "columns") {
    for (const { name } of table.columns) transforms.set(columnId(name), { name: "keep" });
    return { transforms, unknown, refused };
  }
  const names = table.columns.map(({ name }) => name);
  const known = new Set(names.map(columnId));
  for (const [column, transform] of Object.entries(rule.columns)) {
    const id = columnId(column);
    if (!known.has(id)) unknown.push({ table: table.name, column, ...nearestOf(column, names) });
    if (transforms.has(id)) {
      refused.push({
        code: "CONTRACT_COLUMN_TWICE",
        table: table.name,
        column,
        message: `\`${table.name}.${column}\` is named twice. Column names are compared without case; leave one.`,
      });
    }
    transforms.set(id, transform);
  }
  return { transforms, unknown, refused };
}

/** Neither a plan nor a refusal: the column is not listed. */
function examineColumn(
  schema: Schema,
  table: Table,
  column: Column,
  given: Transform | undefined,
  unlisted: MaskingContract["unlisted"],
): { readonly plan?: ColumnPlan; readonly refused?: Refusal } {
  const base = { column: column.name, type: column.columnType };
  if (column.generated) return examineGenerated(table, column, given);
  const transform = given ?? (unlisted === "redact" ? { name: "redact" as const } : undefined);
  if (!transform) return {};
  if (!isMasking(transform)) {
    // Unless set to itself, it would tell when masking ran.
    return { plan: { ...base, transform, ...(column.onUpdateNow && { sql: quoteName(column.name) }) } };
  }
  const masked = maskColumn(schema, table, column, transform);
  if ("code" in masked) return given ? { plan: { ...base, transform }, refused: masked } : {};
  return { plan: { ...base, transform, ...planned(masked) } };
}

function planned({
  sql,
  unchanged,
  byChance,
  reads,
}: Masked): Pick<ColumnPlan, "sql" | "unchanged" | "byChance" | "reads"> {
  return { sql, unchanged, ...(byChance && { byChance }), ...(reads && { reads }) };
}

function examineGenerated(table: Table, column: Column, given: Transform | undefined) {
  const plan = { column: column.name, type: column.columnType, transform: { name: "generated" as const } };
  if (!given || given.name === "keep") return { plan };
  const refused = {
    code: "MASK_GENERATED_COLUMN",
    table: table.name,
    column: column.name,
    message: `\`${given.name}\` on \`${table.name}.${column.name}\`: the server computes this column. Mask the columns that it is computed from, and leave it out of the contract.`,
  };
  return { plan, refused };
}

/** Rows that refer to a truncated table would refer to nothing. */
function orphansByTruncation(contract: MaskingContract, schema: Schema): Refusal[] {
  const isTruncated = (name: string) => {
    const table = schema.tables.get(name);
    return table !== undefined && ruleOf(contract, table)?.kind === "truncate";
  };
  return [...schema.tables.values()]
    .filter(({ name }) => !isTruncated(name))
    .flatMap((child) =>
      child.foreignKeys
        .filter(
          ({ parentTable, columns }) =>
            isTruncated(parentTable) && !columns.some((c) => becomesNull(contract, child, c)),
        )
        .map(({ name, parentTable, columns }) => ({
          code: "MASK_TRUNCATED_PARENT",
          table: child.name,
          message: `\`${parentTable}\` is truncated, but rows of \`${child.name}\` refer to it by the foreign key \`${name}\`. Truncate \`${child.name}\` too, keep \`${parentTable}\`, or give \`${columns.join("`, `")}\` the transform \`null\`.`,
        })),
    );
}

function becomesNull(contract: MaskingContract, table: Table, column: string): boolean {
  const rule = ruleOf(contract, table);
  if (rule?.kind !== "columns") return false;
  return Object.entries(rule.columns).some(
    ([name, { name: transform }]) => columnId(name) === columnId(column) && transform === "null",
  );
}

function nearestOf(name: string, candidates: Iterable<string>): { readonly nearest?: string } {
  const found = nearest(name, candidates);
  return found === undefined ? {} : { nearest: found };
}
