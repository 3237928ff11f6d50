// Rows that stay behind: which tables lose rows, and what becomes of the rows that refer to these. Pure.
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import type { ForeignKey, Schema, Table } from "../mysql/schema.ts";
import type { Orphans, RowsPlan } from "./plan.ts";
import type { Refusal } from "./refusals.ts";
import { givenTransform, ruleOf } from "./rules.ts";

export interface PlannedRows {
  /** By table; only those that lose rows, or references. */
  readonly tables: ReadonlyMap<string, RowsPlan>;
  readonly refused: readonly Refusal[];
}

/**
 * Follows foreign keys from every table that leaves rows behind. A child's rows go with their parents (ON DELETE
 * CASCADE), lose the reference (SET NULL), or are what its own `rows` or `truncate` leaves; else the plan is refused.
 */
export function planRows(contract: MaskingContract, schema: Schema): PlannedRows {
  const losing = new Set(
    [...schema.tables.values()].filter((table) => conditionOf(contract, table) !== undefined).map(({ name }) => name),
  );
  const orphans = new Map<string, Orphans[]>();
  const refused: Refusal[] = [];
  // A set yields what is added to it meanwhile: children of children.
  for (const parent of losing) {
    for (const { child, key } of childrenOf(schema, parent)) {
      if (ruleOf(contract, child)?.kind === "truncate") continue;
      const become = fateOf(contract, child, key);
      if (become === undefined) {
        refused.push(wouldBeOrphans(child, key));
        continue;
      }
      if (become === "masked") continue;
      const { columns, parentTable, parentColumns } = key;
      orphans.set(child.name, [...(orphans.get(child.name) ?? []), { columns, parentTable, parentColumns, become }]);
      if (become === "deleted") losing.add(child.name);
    }
  }
  const tables = [...schema.tables.values()].flatMap((table): [string, RowsPlan][] => {
    const condition = conditionOf(contract, table);
    const own = orphans.get(table.name) ?? [];
    if (condition === undefined && own.length === 0) return [];
    const depth = depthOf(schema, table.name, new Set());
    return [[table.name, { ...(condition !== undefined && { deleteRows: condition }), depth, orphans: own }]];
  });
  return { tables: new Map(tables), refused };
}

function conditionOf(contract: MaskingContract, table: Table): string | undefined {
  const rule = ruleOf(contract, table);
  return rule?.kind === "columns" ? rule.deleteRows : undefined;
}

function childrenOf(schema: Schema, parent: string): { readonly child: Table; readonly key: ForeignKey }[] {
  return [...schema.tables.values()].flatMap((child) =>
    child.foreignKeys.filter(({ parentTable }) => parentTable === parent).map((key) => ({ child, key })),
  );
}

/** The longest way up; one that comes back to where it was is not followed further. */
function depthOf(schema: Schema, table: string, below: ReadonlySet<string>): number {
  const parents = new Set(schema.tables.get(table)?.foreignKeys.map(({ parentTable }) => parentTable));
  const path = new Set([...below, table]);
  const above = [...parents].filter((parent) => !path.has(parent));
  return above.reduce((deepest, parent) => Math.max(deepest, 1 + depthOf(schema, parent, path)), 0);
}

/** `masked`: their reference becomes NULL with all others. Undefined: nobody says. */
function fateOf(contract: MaskingContract, child: Table, key: ForeignKey): Orphans["become"] | "masked" | undefined {
  const isEmptied = child.columns.some(
    (column) => key.columns.includes(column.name) && givenTransform(contract, child, column)?.name === "null",
  );
  if (isEmptied) return "masked";
  if (key.onDelete) return key.onDelete === "cascade" ? "deleted" : "null";
  return conditionOf(contract, child) === undefined ? undefined : "refused";
}

function wouldBeOrphans(child: Table, { name, columns, parentTable }: ForeignKey): Refusal {
  return {
    code: "MASK_ROWS_PARENT",
    table: child.name,
    message: `Rows of \`${parentTable}\` stay behind, but rows of \`${child.name}\` refer to it by the foreign key \`${name}\`, which has neither ON DELETE CASCADE nor SET NULL. Give \`${child.name}\` \`rows\` of its own, truncate it, or give \`${columns.join("`, `")}\` the transform \`null\`.`,
  };
}
