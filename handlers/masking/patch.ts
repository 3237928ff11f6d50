// Writes the contract's missing entries as YAML, ready to paste under `masking.tables`.
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import type { Schema } from "../mysql/schema.ts";
import { entryOf, writeEntries } from "./classifying/entry.ts";
import { propose } from "./classifying/propose.ts";
import type { Findings } from "./examine.ts";
import { ruleOf } from "./rules.ts";

/**
 * Complete entries for every table with an unlisted column, with what the contract already says of it: each takes the
 * place of the table's entry. Empty where nothing is unlisted.
 */
export function writePatch(contract: MaskingContract, schema: Schema, findings: Findings): string {
  if (findings.undecided.length === 0) return "";
  return writeEntries(propose(contract, schema).map((proposal) => entryOf(proposal, ruleOf(contract, proposal.table))));
}
