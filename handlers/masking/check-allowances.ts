// `masking.allow` held against the schema: an exception for what is not there, or not read, excuses nothing as it stands.
import type { Allowance } from "../../contracts/patterns.ts";
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import type { Schema, Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import type { MaskingPlan } from "./plan.ts";
import { visibleColumns } from "./proof/visible-columns.ts";
import type { Refusal } from "./refusals.ts";
import { nearestOf } from "./rules.ts";

/**
 * Pure. An exception that excuses nothing is refused rather than left: it would open what is masked today on the day
 * that somebody keeps it.
 */
export function checkAllowances({ allow = [] }: MaskingContract, schema: Schema, plan: MaskingPlan): Refusal[] {
  const visible = new Set(
    visibleColumns(plan, schema).flatMap(({ table, columns }) =>
      columns.map(({ column }) => placeOf(table.name, column.name)),
    ),
  );
  return allow.flatMap((allowance, index): Refusal[] => {
    const refused = checkNames(allowance, schema);
    if (refused) return [{ ...refused, allowance: index }];
    if (visible.has(placeOf(allowance.table, allowance.column))) return [];
    return [{ ...excusesNothing(allowance, plan), allowance: index }];
  });
}

function checkNames({ table: name, column }: Allowance, schema: Schema): Refusal | undefined {
  const table = schema.tables.get(name);
  if (!table) {
    const { nearest } = nearestOf(name, schema.tables.keys());
    const message = `\`masking.allow\` names a table \`${name}\`, which is not there. ${hint(nearest)}`;
    return { code: "CONTRACT_UNKNOWN_TABLE", table: name, message };
  }
  if (hasColumn(table, column)) return undefined;
  const names = table.columns.map((own) => own.name);
  const message = `\`masking.allow\` names a column \`${name}.${column}\`, which is not there. ${hint(nearestOf(column, names).nearest)}`;
  return { code: "CONTRACT_UNKNOWN_COLUMN", table: name, column, message };
}

function excusesNothing({ table, column }: Allowance, plan: MaskingPlan): Refusal {
  const own = plan.tables.find((each) => each.table === table);
  const planned = own?.columns.find((each) => columnId(each.column) === columnId(column));
  const why =
    own?.rule === "truncate"
      ? "its table is truncated"
      : planned?.unchanged === undefined
        ? "the proof reads text and JSON alone, where there is room for anything personal"
        : `\`${planned.transform.name}\` masks it`;
  const message = `\`masking.allow\` has an exception for \`${table}.${column}\`, which excuses nothing: ${why}. Remove it.`;
  return { code: "CONTRACT_ALLOWS_NOTHING", table, column, message };
}

function hint(nearest: string | undefined): string {
  return nearest === undefined ? "Remove the exception, or correct it." : `Did you mean \`${nearest}\`?`;
}

function hasColumn(table: Table, name: string): boolean {
  return table.columns.some((column) => columnId(column.name) === columnId(name));
}

function placeOf(table: string, column: string): string {
  return JSON.stringify([table, columnId(column)]);
}
