// One table of the contract held against the schema: a plan for every column, or what stands in its way.
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Column, Table } from "../mysql/schema.ts";
import { assignmentOrder } from "./assignment-order.ts";
import { chooseChunkKey } from "./chunk-key.ts";
import { columnId } from "./column-kind.ts";
import type { Followed } from "./foreign-keys.ts";
import { maskedColumns, type ColumnPlan, type RowsPlan, type TablePlan } from "./plan.ts";
import { fitTransform, notUnique, roomOf, tooManyRows, type Refusal } from "./refusals.ts";
import { complainAboutNames, givenTransform, ruleOf, type UnknownName } from "./rules.ts";
import { isMasking, type Masked, type MaskingTransform } from "./transforms/index.ts";
import { collisionsOf, meetsOldValues, type MaskedById } from "./uniqueness.ts";

export interface ExaminedTable {
  readonly plan: TablePlan;
  readonly unknown: readonly UnknownName[];
  readonly unlisted: readonly { readonly table: string; readonly column: string }[];
  readonly refused: readonly Refusal[];
}

/** What would be done to a column, seen by itself. */
interface Draft {
  readonly column: Column;
  /** Absent where the contract does not name the column. */
  readonly plan?: ColumnPlan;
  readonly mask?: { readonly transform: MaskingTransform; readonly masked: Masked };
  readonly refused: readonly Refusal[];
  /** By `unlisted: redact`, and not by the contract's own word. */
  readonly isByDefault?: true;
}

/** @param rows what is left out of the table, if anything is */
export function examineTable(
  contract: MaskingContract,
  table: Table,
  followed: Followed,
  rows: RowsPlan | undefined,
): ExaminedTable {
  const rule = ruleOf(contract, table) ?? { kind: "columns" as const, columns: {} };
  const names = complainAboutNames(rule, table);
  const drafts = heldAgainstKeys(
    table,
    table.columns.map((column) => draftColumn(contract, table, column, followed)),
  );
  const masked = maskedById(drafts);
  const columns = drafts.flatMap(({ plan }) => plan ?? []);
  const isRewritten = meetsOldValues(table, masked);
  const plan = { table: table.name, rule: rule.kind, columns, ...(rows && { rows }) };
  const chunkKey = isRewritten
    ? undefined
    : chooseChunkKey(
        table,
        maskedColumns(plan).map(({ column }) => column),
      );
  return {
    plan: { ...plan, ...(chunkKey && { chunkKey }), ...(isRewritten && { rewritten: true }) },
    unknown: names.unknown,
    unlisted: drafts
      .filter(({ plan: planned }) => planned === undefined)
      .map(({ column }) => ({ table: table.name, column: column.name })),
    refused: [
      ...names.refused,
      ...drafts.flatMap(({ refused }) => refused),
      ...withoutTransactions(table, plan),
      ...readingInCircles(table, columns),
    ],
  };
}

function draftColumn(contract: MaskingContract, table: Table, column: Column, followed: Followed): Draft {
  const base = { column: column.name, type: column.columnType };
  const given = followed.transformOf(table, column);
  if (column.generated) return draftGenerated(contract, table, column);
  const isByDefault = given === undefined && contract.unlisted === "redact" && !followed.isLinked(column);
  const transform = given ?? (isByDefault ? { name: "redact" as const } : undefined);
  if (!transform) return { column, refused: [] };
  if (!isMasking(transform)) {
    // Unless set to itself, it would tell when masking ran.
    const plan = { ...base, transform, ...(column.onUpdateNow && { sql: quoteName(column.name) }) };
    return { column, plan, refused: [] };
  }
  const masked = fitTransform(table, column, transform, (other) => followed.transformOf(table, other));
  if ("code" in masked) {
    return isByDefault ? { column, refused: [] } : { column, plan: { ...base, transform }, refused: [masked] };
  }
  const plan = { ...base, transform, ...carriedOut(masked) };
  const isChild = followed.references.some(({ child }) => child.column === column);
  const mask = { transform, masked: { ...masked, ...(isChild && { folds: true as const }) } };
  return { column, plan, mask, refused: [], ...(isByDefault && { isByDefault }) };
}

function carriedOut({ sql, unchanged, byChance, reads }: Masked) {
  return { sql, unchanged, ...(byChance && { byChance }), ...(reads && { reads }) };
}

function draftGenerated(contract: MaskingContract, table: Table, column: Column): Draft {
  const plan = { column: column.name, type: column.columnType, transform: { name: "generated" as const } };
  const given = givenTransform(contract, table, column);
  if (!given || given.name === "keep") return { column, plan, refused: [] };
  const refused = {
    code: "MASK_GENERATED_COLUMN",
    table: table.name,
    column: column.name,
    message: `\`${given.name}\` on \`${table.name}.${column.name}\`: the server computes this column. Mask the columns that it is computed from, and leave it out of the contract.`,
  };
  return { column, plan, refused: [refused] };
}

/** What the columns' transforms together do to unique keys. One by default that does harm is nobody's word: unlisted. */
function heldAgainstKeys(table: Table, drafts: readonly Draft[]): readonly Draft[] {
  const masked = maskedById(drafts);
  const collisions = collisionsOf(table, masked);
  const harmful = drafts.filter(
    ({ column, isByDefault }) => isByDefault && collisions.some(({ columns }) => columns.includes(column)),
  );
  if (harmful.length > 0) {
    // The others are judged again without them.
    return heldAgainstKeys(
      table,
      drafts.map((draft) => (harmful.includes(draft) ? { column: draft.column, refused: [] } : draft)),
    );
  }
  return drafts.map((draft) => {
    const { column, plan, mask } = draft;
    if (!plan || !mask) return draft;
    const collision = collisions.find(({ columns }) => columns.includes(column));
    if (collision) {
      return { ...draft, refused: [notUnique(table, column, mask.transform, collision, masked)] };
    }
    const room = roomOf(table, column, masked);
    if (!room) return draft;
    const { estimatedRows } = table;
    const isFull = estimatedRows > room.rows;
    const refused = isFull ? [tooManyRows(table, column, mask.transform, room, `about ${estimatedRows}`)] : [];
    return { ...draft, plan: { ...plan, room }, refused };
  });
}

function maskedById(drafts: readonly Draft[]): MaskedById {
  return new Map(
    drafts.flatMap(({ column, mask }): [string, Masked][] => (mask ? [[columnId(column.name), mask.masked]] : [])),
  );
}

function withoutTransactions(table: Table, plan: TablePlan): Refusal[] {
  if (maskedColumns(plan).length === 0 || table.engine.toLowerCase() === "innodb") return [];
  return [
    {
      code: "MASK_ENGINE",
      table: table.name,
      message: `\`${table.name}\` is stored by \`${table.engine}\`, which has no transactions, so an interrupted run could mask a row twice. Convert it to InnoDB, or \`truncate\` it.`,
    },
  ];
}

function readingInCircles(table: Table, columns: readonly ColumnPlan[]): Refusal[] {
  const order = assignmentOrder(columns);
  if (!("circle" in order)) return [];
  const names = order.circle.map((name) => `\`${name}\``).join(", ");
  return [
    {
      code: "MASK_READS_CIRCLE",
      table: table.name,
      message: `The transforms of ${names} in \`${table.name}\` read each other's columns, so that one of them would read a value that is masked already. Change one so that it reads its own column alone.`,
    },
  ];
}
