// What sync.yaml says of staging's own rows: `preserve`, and the foreign keys that no schema declares, `references`.
import { z } from "zod";
import { type DeclaredReference, parseReference } from "./declared-reference.ts";
import { Condition, oneOf, text } from "./schema-parts.ts";

/** What becomes of a row to preserve whose natural key production's rows have already. */
export type OnMatch =
  | { readonly kind: "fail" }
  /** Production's row stands for it: nothing is inserted, and what refers to it refers to production's. */
  | { readonly kind: "keep-production" }
  /** Production's row gets its values, and keeps its primary key. */
  | { readonly kind: "overwrite" }
  /** It stands beside production's, with its text changed: `{value}` in the pattern is what it was. */
  | { readonly kind: "rename"; readonly pattern: string };

/** What becomes of a reference to a row that is not carried and that production does not have as staging has it. */
export type ParentPolicy = "fail" | "carry" | "null";

/** One rule of `preserve`. */
export interface PreserveRule {
  readonly table: string;
  /**
   * An SQL condition on staging's table, as it stands after WHERE. Left out: the rule brings no rows by itself, and says
   * how rows of the table are met that come along with others.
   */
  readonly where?: string;
  /** The rows that hang on these through foreign keys: all (children), none, or those of some tables. */
  readonly follow?: "children" | "none" | readonly string[];
  /** The natural key: production's row with the same values there is the same row. */
  readonly match?: readonly string[];
  readonly onMatch?: OnMatch;
  readonly parents?: ParentPolicy;
  /** Whether the contract's transforms are applied to the rule's rows, and to those that come along with them. */
  readonly mask?: boolean;
}

const RENAME = "is not a pattern: text with `{value}` in it is expected, such as `{value} (demo)`.";

const Follow = z
  .union([z.enum(["children", "none"]), z.array(text("is not a table's name: text is expected."))], {
    error: () => "is not what comes along: `children`, `none` or a list of tables is expected.",
  })
  .meta({
    description: "Rows that come along: all that hang on these through foreign keys, none, or those of some tables.",
    default: "children",
  });

const OnMatchInFile = z
  .union(
    [
      z.enum(["fail", "keep-production", "overwrite"]),
      z.strictObject({
        rename: text(RENAME)
          .refine((pattern) => pattern.split("{value}").length === 2, RENAME)
          .meta({ description: "What its text becomes; `{value}` stands for what it was: `{value} (demo)`." }),
      }),
    ],
    {
      error: () =>
        "is not what becomes of a match: `fail`, `keep-production`, `overwrite` or `{ rename: PATTERN }` is expected.",
    },
  )
  .meta({
    description:
      "What becomes of a row that production has by `match`: the run stops, production's row stands for it, production's row gets its values, or it is renamed.",
    default: "fail",
  });

const Rule = z
  .strictObject(
    {
      table: text("is not a table's name: text is expected.").meta({ description: "The table on staging." }),
      where: Condition.optional().meta({
        description:
          "Which of its rows only staging has, as SQL after WHERE: `is_demo = 1`. Left out: how its rows are met that come along.",
      }),
      follow: Follow.optional(),
      match: z
        .array(text("is not a column's name: text is expected."), "is not a list of columns such as `[slug]`.")
        .min(1, "is empty: name the columns by which production's row is the same row.")
        .optional()
        .meta({ description: "The natural key: production's row with the same values there is the same row." }),
      on_match: OnMatchInFile.optional(),
      parents: oneOf(["fail", "carry", "null"], "what becomes of a parent that production lacks").optional().meta({
        description:
          "A row that these refer to and that production lacks, or has otherwise: the run stops, it comes along, or the reference becomes NULL.",
        default: "fail",
      }),
      mask: z.boolean("is neither true nor false.").optional().meta({
        description: "Whether the contract's transforms are applied to these rows too.",
        default: false,
      }),
    },
    "is not a rule: a map of `table` and `where` is expected.",
  )
  .refine(
    ({ where, match, parents, follow, mask }) =>
      where !== undefined || ((match ?? parents) !== undefined && follow === undefined && mask === undefined),
    {
      message:
        "says not which rows: `where` is expected. (Without it a rule says by `match` and `parents` how rows of the table are met that come along with others.)",
    },
  )
  .refine(({ match, on_match }) => on_match === undefined || match !== undefined, {
    message: "has `on_match` without `match`: name the columns by which production's row is the same row.",
  });

export const Preserve = z
  .array(Rule, "is not a list of rules such as `- { table: companies, where: is_demo = 1 }`.")
  .meta({ description: "Rows that only staging has. Rows that hang on them through foreign keys come with them." });

export const References = z
  .array(
    text("is not a reference: text is expected.").superRefine((line, context) => {
      const parsed = parseReference(line);
      if ("wrong" in parsed) context.addIssue({ code: "custom", message: parsed.wrong });
    }),
    "is not a list of references such as `- comments.company_id → companies.id`.",
  )
  .meta({ description: "Foreign keys that the schema does not declare, for the rows of `preserve`." });

/** The rules as the contract has them. */
export function toPreserveRules(rules: z.infer<typeof Preserve> = []): PreserveRule[] {
  return rules.map(({ table, where, follow, match, on_match: onMatch, parents, mask }) => ({
    table,
    ...(where !== undefined && { where }),
    ...(follow !== undefined && { follow }),
    ...(match !== undefined && { match }),
    ...(onMatch !== undefined && { onMatch: toOnMatch(onMatch) }),
    ...(parents !== undefined && { parents }),
    ...(mask !== undefined && { mask }),
  }));
}

function toOnMatch(written: z.infer<typeof OnMatchInFile>): OnMatch {
  return typeof written === "string" ? { kind: written } : { kind: "rename", pattern: written.rename };
}

/** The references as the contract has them; each line was checked by the schema. */
export function toReferences(lines: z.infer<typeof References> = []): DeclaredReference[] {
  return lines.flatMap((line) => {
    const parsed = parseReference(line);
    return "wrong" in parsed ? [] : [parsed];
  });
}
