// From contract and schema to a plan, or to every reason why there is none.
import { FatalError } from "../../contracts/errors.ts";
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import type { Schema } from "../mysql/schema.ts";
import { examine } from "./examine.ts";
import { writePatch } from "./patch.ts";
import type { MaskingPlan } from "./plan.ts";
import type { Refusal } from "./refusals.ts";
import type { UnknownName } from "./rules.ts";

/** Where contract and schema differ; all lists empty where they agree. */
export interface Drift {
  /** Columns that the contract does not name, of tables that it names. */
  readonly unlisted: readonly { readonly table: string; readonly column: string }[];
  readonly unlistedTables: readonly string[];
  readonly unknownTables: readonly { readonly name: string; readonly nearest?: string }[];
  readonly unknownColumns: readonly { readonly table: string; readonly column: string; readonly nearest?: string }[];
  /** Transforms that cannot be carried out, each with its code. */
  readonly refused: readonly Refusal[];
  /** YAML under `masking.tables`: complete entries for every table that lacks something. A proposal. */
  readonly patch: string;
}

/** Holds a contract against a schema. Pure. */
export function checkMasking(contract: MaskingContract, schema: Schema): Drift {
  const findings = examine(contract, schema);
  return {
    unlisted: findings.unlisted,
    unlistedTables: findings.unlistedTables,
    unknownTables: findings.unknown
      .filter(({ column }) => column === undefined)
      .map(({ table, ...rest }) => ({ name: table, ...rest })),
    unknownColumns: findings.unknown.flatMap(({ column, ...rest }) =>
      column === undefined ? [] : { ...rest, column },
    ),
    refused: findings.refused,
    patch: writePatch(contract, schema, findings),
  };
}

/**
 * Decides what masking does to every column. Pure: nothing is asked of a database.
 *
 * @throws FatalError with all complaints in its message, and the first one's code: `CONTRACT_UNKNOWN_TABLE`,
 * `CONTRACT_UNKNOWN_COLUMN`, `CONTRACT_PATTERNS_CLASH`, `CONTRACT_COLUMN_TWICE`, `MASK_TRANSFORM_UNFIT`,
 * `MASK_FOREIGN_KEY`, `MASK_NOT_UNIQUE`, `MASK_GENERATED_COLUMN`, `MASK_ENGINE`, `MASK_READS_CIRCLE`,
 * `MASK_ROWS_PARENT`, `MASK_TRUNCATED_PARENT`, `CONTRACT_ALLOWS_NOTHING`, `CONTRACT_UNLISTED_COLUMNS`.
 */
export function planMasking(contract: MaskingContract, schema: Schema): MaskingPlan {
  const findings = examine(contract, schema);
  const complaints = [...findings.unknown.map(aboutUnknown), ...findings.refused];
  const unlisted = [
    ...findings.unlistedTables.map((table) => `\`${table}\` (the whole table)`),
    ...findings.unlisted.map(({ table, column }) => `\`${table}.${column}\``),
  ];
  if (unlisted.length > 0) {
    complaints.push({
      code: "CONTRACT_UNLISTED_COLUMNS",
      message: `The contract does not say what may reach staging of ${unlisted.join(", ")}. A proposal to review, then to put under \`masking.tables\` in place of these tables' entries:\n\n${writePatch(contract, schema, findings)}`,
    });
  }
  const [first] = complaints;
  if (first) throw new FatalError(first.code, complaints.map(({ message }) => message).join("\n"));
  return findings.plan;
}

function aboutUnknown({ table, column, nearest }: UnknownName): Pick<Refusal, "code" | "message"> {
  const hint = nearest === undefined ? "Remove it from sync.yaml, or correct it." : `Did you mean \`${nearest}\`?`;
  return column === undefined
    ? { code: "CONTRACT_UNKNOWN_TABLE", message: `There is no table \`${table}\`. ${hint}` }
    : { code: "CONTRACT_UNKNOWN_COLUMN", message: `There is no column \`${table}.${column}\`. ${hint}` };
}
