// Collations that become others in the copy, for servers that lack the source's: `collations` in sync.yaml.
import { z } from "zod";

/** From a collation's name in lower case to the one that takes its place. */
export type CollationMap = Readonly<Record<string, string>>;

const NAME = "is not a collation: a name such as `utf8mb4_unicode_520_ci` is expected.";
const CollationName = z.string(NAME).regex(/^[A-Za-z0-9]+_[A-Za-z0-9_]+$/, NAME);

export const Collations = z
  .record(z.string(), CollationName, "is not a map of collations such as `utf8mb4_0900_ai_ci: utf8mb4_unicode_520_ci`.")
  .superRefine((collations, context) => {
    const names = new Set(Object.keys(collations).map((name) => name.toLowerCase()));
    for (const [from, to] of Object.entries(collations)) {
      const message = !CollationName.safeParse(from).success
        ? NAME
        : characterSet(from) !== characterSet(to)
          ? `is of another character set than \`${from}\`: the texts themselves would have to change.`
          : names.has(to.toLowerCase())
            ? "is itself mapped to another: name the last one."
            : undefined;
      if (message !== undefined) context.addIssue({ code: "custom", path: [from], message });
    }
  })
  .optional()
  .meta({ description: "Collations that become others in the copy, where a server lacks production's." });

export function toCollations(collations: Readonly<Record<string, string>> = {}): CollationMap {
  return Object.fromEntries(Object.entries(collations).map(([from, to]) => [from.toLowerCase(), to.toLowerCase()]));
}

function characterSet(collation: string): string {
  return collation.toLowerCase().split("_", 1)[0] ?? "";
}
