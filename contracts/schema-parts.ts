// Parts of sync.yaml's schema that several of its sections share.
// Every message completes a sentence that begins with the path: "`replica.port` is not a port: …".
import { z } from "zod";
import { didYouMean } from "./nearest.ts";
import { isOneCondition } from "./sql-condition.ts";

export const text = (message: string) => z.string(message).min(1, message);

/** An enum whose message lists its members and names the nearest one. */
export const oneOf = <const Members extends readonly [string, ...string[]]>(members: Members, what: string) =>
  z.enum(members, {
    error: ({ input }) =>
      `is not ${what}: ${listed(members)}.${typeof input === "string" ? didYouMean(input, members) : ""}`,
  });

/** `` `a` or `b` `` */
export function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" or ");
}

const CONDITION = "is not a condition: SQL as it stands after WHERE is expected, in quotes where YAML needs them.";

/** An SQL condition that stays one expression between parentheses. */
export const Condition = text(CONDITION).refine(
  isOneCondition,
  "is not one condition: close every parenthesis, quote and comment in it, and end it with no `;`.",
);
