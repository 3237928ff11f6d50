// What `understudy classify` says of its work: counts, what changed, and what to do next.
import { formatNumberOf } from "./format.ts";
import { type ProposedLine, proposedReferences } from "./proposed-references.ts";

export interface ClassifiedView {
  readonly contract: string;
  /** Where the schema was read. */
  readonly title: string;
  readonly isFirst: boolean;
  readonly isWritten: boolean;
  readonly columns: readonly {
    readonly table: string;
    readonly column: string;
    readonly transform: string;
    readonly sure: boolean;
    readonly why: string;
  }[];
  readonly truncated: readonly string[];
  /** `logs`, `users.fax`. */
  readonly removed: readonly string[];
  readonly left: readonly string[];
  readonly unwritten: readonly string[];
  readonly sampledRows?: number;
  readonly references: readonly ProposedLine[];
  readonly unread: readonly { readonly table: string; readonly code: string }[];
}

export function classifiedText(view: ClassifiedView): string {
  const { contract, title, columns, truncated, removed, left, unwritten, unread } = view;
  const kept = columns.filter(({ transform }) => transform === "keep").length;
  const unsure = columns.filter(({ sure }) => !sure).length + truncated.length;
  const isUnchanged = columns.length + truncated.length + removed.length === 0;
  const lines = [
    isUnchanged
      ? `${contract}: nothing to add for ${title}, and nothing to remove.`
      : `${contract} for ${title}: ${formatNumberOf(columns.length - kept, "column")} masked, ${kept} kept, ${formatNumberOf(truncated.length, "table")} truncated; ${unsure} of these unsure.`,
    ...(view.sampledRows === undefined
      ? []
      : [`Values of ${formatNumberOf(view.sampledRows, "row")} were looked at; none is kept.`]),
    ...unread.map(({ table, code }) => `Values of \`${table}\` could not be read (${code}).`),
    ...listed("Removed, as the schema has them no more", removed),
    ...listed("Gone from the schema, but said by another file or shared by an anchor: remove by hand", left),
    ...listed("New, but the entry is shared by an anchor with tables that lack them: add by hand", unwritten),
    ...proposedReferences(view.references),
  ];
  if (isUnchanged) return lines.join("\n");
  const option = contract === "sync.yaml" ? "" : ` --contract ${contract}`;
  const next = view.isWritten
    ? [
        "Next:",
        `  1. Review ${contract}, the lines marked \`unsure\` first${view.isFirst ? ", and fill in replica and staging" : ""}.`,
        `  2. \`npx understudy check${option}\` holds it against the schema.`,
        `  3. \`npx understudy plan --samples 3${option}\` shows rows before and after.`,
      ]
    : [`Not written: \`--write\` puts it into ${contract}.`];
  return [...lines, "", ...next].join("\n");
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.map((name) => `\`${name}\``).join(", ")}.`];
}
