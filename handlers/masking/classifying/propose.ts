// Proposals for everything that a contract does not name, so that contract and schema agree with them.
import type { MaskingContract, TableRule, Transform } from "../../../contracts/sync-contract.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { columnId } from "../column-kind.ts";
import { examine } from "../examine.ts";
import { parentsOf } from "../foreign-keys.ts";
import type { Refusal } from "../refusals.ts";
import { givenTransform, ruleOf } from "../rules.ts";
import { isMasking } from "../transforms/index.ts";
import { NO_EVIDENCE, type Evidence } from "./evidence.ts";
import type { Proposal } from "./meanings.ts";
import { proposeColumn, type ColumnProposal } from "./propose-column.ts";
import { isScratch } from "./scratch-tables.ts";

/** What is proposed of one table: to leave its rows behind, or something for each column that nothing decides on. */
export interface TableProposal {
  readonly table: Table;
  readonly truncate?: Pick<Proposal, "why">;
  /** In the table's order. Columns that follow a masked parent are not among them. */
  readonly columns: readonly { readonly column: Column; readonly proposal: Proposal }[];
}

/** By table and column. */
export type EvidenceOf = (table: Table, column: Column) => Evidence;

/** Pure. Tables without anything undecided are left out. */
export function propose(
  contract: MaskingContract,
  schema: Schema,
  evidence: EvidenceOf = () => NO_EVIDENCE,
): TableProposal[] {
  const undecided = new Set(examine(contract, schema).undecided.map(({ table, column }) => `${table}\0${column}`));
  const truncated = truncations(contract, schema, undecided);
  const rejected = new Map<Column, Transform[]>();
  for (;;) {
    const drafts = draftAll(contract, schema, { evidence, undecided, truncated, rejected });
    const refused = examine(withProposals(contract, drafts), schema).refused;
    if (!rejectAll(schema, drafts, refused, rejected)) return drafts.map(withoutFollowers);
  }
}

interface Draft extends TableProposal {
  readonly columns: readonly { readonly column: Column; readonly proposal: ColumnProposal }[];
}

interface Known {
  readonly evidence: EvidenceOf;
  readonly undecided: ReadonlySet<string>;
  readonly truncated: ReadonlySet<Table>;
  readonly rejected: ReadonlyMap<Column, readonly Transform[]>;
}

function draftAll(
  contract: MaskingContract,
  schema: Schema,
  { evidence, undecided, truncated, rejected }: Known,
): Draft[] {
  const around = {
    ...{ schema, evidence },
    given: (table: Table, column: Column): Transform | undefined => givenTransform(contract, table, column),
    rejected: (column: Column) => rejected.get(column) ?? [],
  };
  return [...schema.tables.values()].flatMap((table): Draft[] => {
    if (truncated.has(table)) return [{ table, truncate: { why: "does staging need its rows?" }, columns: [] }];
    const columns = table.columns
      .filter(({ name }) => undecided.has(`${table.name}\0${name}`))
      .map((column) => ({ column, proposal: proposeColumn(around, table, column) }));
    // Masked tables need transactions.
    const isMasked = columns.some(({ proposal }) => proposal.transform.name !== "keep");
    if (isMasked && table.engine.toLowerCase() !== "innodb" && ruleOf(contract, table) === undefined) {
      return [{ table, truncate: { why: `\`${table.engine}\` cannot be masked: convert it to InnoDB?` }, columns: [] }];
    }
    return columns.length > 0 ? [{ table, columns }] : [];
  });
}

/** Tables that the contract does not name, and that no other table's rows refer to. */
function truncations(contract: MaskingContract, schema: Schema, undecided: ReadonlySet<string>): Set<Table> {
  const tables = [...schema.tables.values()];
  const isReferredTo = (name: string) =>
    tables.some((other) => other.name !== name && other.foreignKeys.some(({ parentTable }) => parentTable === name));
  return new Set(
    tables.filter(
      (table) =>
        ruleOf(contract, table) === undefined &&
        table.columns.some(({ name }) => undecided.has(`${table.name}\0${name}`)) &&
        isScratch(table) &&
        !isReferredTo(table.name),
    ),
  );
}

/** The contract as it would be. */
export function withProposals(contract: MaskingContract, proposals: readonly TableProposal[]): MaskingContract {
  const tables = proposals.map(({ table, truncate, columns }): [string, TableRule] => {
    if (truncate) return [table.name, { kind: "truncate" }];
    const rule = ruleOf(contract, table);
    const own = rule?.kind === "columns" ? rule : { kind: "columns" as const, columns: {} };
    const proposed = withoutFollowers({ table, columns }).columns.map(
      ({ column, proposal }) => [column.name, proposal.transform] as const,
    );
    return [table.name, { ...own, columns: { ...own.columns, ...Object.fromEntries(proposed) } }];
  });
  return { ...contract, tables: { ...contract.tables, ...Object.fromEntries(tables) } };
}

function withoutFollowers(draft: Draft | TableProposal): TableProposal {
  return {
    ...draft,
    columns: draft.columns.filter(({ proposal }) => !("follows" in proposal) || proposal.follows === undefined),
  };
}

/** Notes which proposals the plan refuses. False where it refuses none, or none that could be another. */
function rejectAll(
  schema: Schema,
  drafts: readonly Draft[],
  refused: readonly Refusal[],
  rejected: Map<Column, Transform[]>,
): boolean {
  const proposals = new Map(
    drafts.flatMap(({ columns }) => columns.map(({ column, proposal }) => [column, proposal] as const)),
  );
  const isMasked = (column: Column) => isMasking(proposals.get(column)?.transform ?? { name: "keep" });
  let isAny = false;
  for (const { table: tableName, column: name } of refused) {
    const table = schema.tables.get(tableName);
    const own = table?.columns.find((column) => columnId(column.name) === columnId(name ?? ""));
    if (!table || !own) continue;
    // A child that cannot be masked as its parents are: these must be masked otherwise, or kept.
    const parents = parentsOf(schema, table, own).map(({ column }) => rootOf(proposals, column));
    for (const column of new Set([rootOf(proposals, own), ...parents].filter(isMasked))) {
      const { transform } = proposals.get(column) ?? {};
      if (transform) rejected.set(column, [...(rejected.get(column) ?? []), transform]);
      isAny = true;
    }
  }
  return isAny;
}

/** The column that a chain of followers ends at. */
function rootOf(proposals: ReadonlyMap<Column, ColumnProposal>, column: Column): Column {
  const seen = new Set<Column>();
  let root = column;
  for (let above = proposals.get(root)?.follows; above && !seen.has(above); above = proposals.get(root)?.follows) {
    seen.add(above);
    root = above;
  }
  return root;
}
