// The contract held against a schema: what would be done to each column, and everything that stands in the way.
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import type { Schema, Table } from "../mysql/schema.ts";
import { checkAllowances } from "./check-allowances.ts";
import { checkRules, unknownInFamilies } from "./check-rules.ts";
import { columnId } from "./column-kind.ts";
import { examineTable } from "./examine-table.ts";
import { followForeignKeys } from "./foreign-keys.ts";
import type { MaskingPlan } from "./plan.ts";
import { planRows } from "./plan-rows.ts";
import { planPreparations } from "./preparations.ts";
import type { Refusal } from "./refusals.ts";
import { givenTransform, ruleOf, type UnknownName } from "./rules.ts";

export interface Findings {
  /** Complete only where nothing was found. */
  readonly plan: MaskingPlan;
  readonly unknown: readonly UnknownName[];
  /** Columns that nothing decides on, in all tables. */
  readonly undecided: readonly { readonly table: string; readonly column: string }[];
  readonly unlistedTables: readonly string[];
  /** Of tables that the contract names. */
  readonly unlisted: readonly { readonly table: string; readonly column: string }[];
  readonly refused: readonly Refusal[];
}

/** Pure. Names are compared as MySQL does: tables exactly, columns without case. */
export function examine(contract: MaskingContract, schema: Schema): Findings {
  const tables = [...schema.tables.values()];
  const names = checkRules(contract, schema);
  const rows = planRows(contract, schema);
  const followed = followForeignKeys(contract, schema);
  const examined = tables.map((table) => examineTable(contract, table, followed, rows.tables.get(table.name)));
  const preparations = planPreparations(
    schema,
    examined.map(({ plan }) => plan),
    followed.references,
  );
  const plan = {
    tables: examined.map((each) => each.plan),
    ...(preparations.planned.length > 0 && { preparations: preparations.planned }),
  };
  const isNamed = (table: Table) => ruleOf(contract, table) !== undefined;
  return {
    plan,
    unknown: [
      ...names.unknown,
      ...unknownInFamilies(
        contract,
        schema,
        examined.flatMap(({ unknown }) => unknown),
      ),
    ],
    undecided: examined.flatMap(({ unlisted }) => unlisted),
    unlistedTables: tables
      .filter((table, i) => !isNamed(table) && (examined[i]?.unlisted.length ?? 0) > 0)
      .map(({ name }) => name),
    unlisted: tables.flatMap((table, i) => (isNamed(table) ? (examined[i]?.unlisted ?? []) : [])),
    refused: [
      ...names.refused,
      ...followed.refused,
      ...examined.flatMap(({ refused }) => refused),
      ...preparations.refused,
      ...rows.refused,
      ...orphansByTruncation(contract, schema),
      ...checkAllowances(contract, schema, plan),
    ],
  };
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

function becomesNull(contract: MaskingContract, table: Table, name: string): boolean {
  const column = table.columns.find((candidate) => columnId(candidate.name) === columnId(name));
  return column !== undefined && givenTransform(contract, table, column)?.name === "null";
}
