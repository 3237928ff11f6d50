// Proposed references as lines to paste, for `plan --preserve` and `classify`.
import { stringify } from "yaml";
import type { ReferenceProposal } from "../../handlers/preserving/proposals/index.ts";

export type ProposedLine = Pick<ReferenceProposal, "line" | "values" | "found">;

/** A heading and a line each; nothing where there is none. */
export function proposedReferences(proposals: readonly ProposedLine[]): string[] {
  if (proposals.length === 0) return [];
  return [
    "Nothing declares these, and they look like references. To paste under `references`, after a look:",
    ...proposals.map(
      ({ line, found, values }) =>
        `  - ${stringify(line, { lineWidth: 0 }).trimEnd()} # ${found} of ${values} values match`,
    ),
  ];
}
