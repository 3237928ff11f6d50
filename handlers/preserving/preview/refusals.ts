// Why a run would be refused, as far as a preview can tell, and what to write in sync.yaml then.
import { referenceName } from "../name-row.ts";
import type { MetParents } from "./parents.ts";
import type { Clash } from "./values-in-copy.ts";

export interface Refusal {
  /** As a run would fail with. */
  readonly code: string;
  readonly message: string;
}

export function parentRefusals({ reference, missing, different, first }: MetParents, where: string): Refusal[] {
  const name = referenceName(reference);
  const remedy = `Write \`parents: carry\` at the rule, or \`null\`; for this table alone \`- { table: ${reference.table}, parents: carry }\` under \`preserve\`.`;
  return [
    ...(missing === 0
      ? []
      : [
          {
            code: "PRESERVE_PARENT_MISSING",
            message: `${name} leads ${missing} times to rows that ${where} does not have${told(first.missing)}. ${remedy}`,
          },
        ]),
    ...(different === 0
      ? []
      : [
          {
            code: "PRESERVE_PARENT_DIFFERS",
            message: `${name} leads ${different} times to rows that are others in ${where}${told(first.different)}. ${remedy}`,
          },
        ]),
  ];
}

function told(first: string | undefined): string {
  return first === undefined ? "" : ` (the first: ${first})`;
}

export function clashRefusals({ table, key, columns, rows, does }: Clash): Refusal[] {
  if (does !== "fail" && does !== "ambiguous" && does !== "refused") return [];
  const list = columns.join(", ");
  const has = `Production has \`${list}\` of ${rows} ${rows === 1 ? "row" : "rows"} of \`${table}\` to preserve`;
  if (does === "ambiguous") {
    return [
      {
        code: "PRESERVE_MATCH_AMBIGUOUS",
        message: `By \`match\` of \`${table}\`, \`${list}\`, ${rows} ${rows === 1 ? "row is" : "rows are"} several on the other side. Match by columns that are unique, or change the rows in staging.`,
      },
    ];
  }
  if (key === null) {
    return [
      {
        code: "PRESERVE_MATCH",
        message: `${has}, and the rule's \`on_match\` is \`fail\`. Write \`on_match: keep-production\`, \`overwrite\` or \`{ rename: "{value} (demo)" }\` there.`,
      },
    ];
  }
  return [
    {
      code: key === "PRIMARY" ? "PRESERVE_KEY_CLASH" : "PRESERVE_UNIQUE_CLASH",
      message: `${has} (the key \`${key}\`). Say at its rule which row stays, as \`match: [${list}]\` with \`on_match: keep-production\`, or change the values in staging.`,
    },
  ];
}
