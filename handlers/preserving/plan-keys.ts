// The copy's unique keys: those whose values the rows to preserve bring along, and those of which the server computes a part.
import { FatalError } from "../../contracts/errors.ts";
import type { FunctionalKey, Table } from "../mysql/schema.ts";
import type { PlannedColumn, PlannedComputedKey, PlannedKey } from "./preserve-plan.ts";

export interface Keys {
  readonly uniqueKeys: readonly PlannedKey[];
  readonly computedKeys: readonly PlannedComputedKey[];
}

/**
 * @param columns those that are carried
 * @throws FatalError `PRESERVE_KEY_UNCHECKED`
 */
export function planKeys(copy: Table, columns: readonly PlannedColumn[]): Keys {
  const stored = new Set(columns.flatMap(({ name, generated }) => (generated ? [] : [name])));
  const unique = copy.keys.filter((key) => key.unique);
  const isPlain = ({ name, parts }: PlannedKey) =>
    name === "PRIMARY" || parts.every(({ column }) => stored.has(column));
  // A number that the server counts up is free by itself.
  const counts = ({ parts }: PlannedKey) =>
    parts.some(({ column: of }) =>
      copy.columns.some(({ name, autoIncrement }) => name === of && autoIncrement && !stored.has(name)),
    );
  const carried = new Set(columns.map(({ name }) => name));
  const plain = unique.filter((key) => isPlain(key) && key.parts.every(({ column }) => carried.has(column)));
  return {
    uniqueKeys: plain.map(keyOf),
    computedKeys: [
      ...unique.filter((key) => !isPlain(key)).map((key) => ({ ...keyOf(key), expressions: [] })),
      ...(copy.functionalKeys ?? []).map((key) => ({
        ...keyOf(key),
        expressions: key.expressions.map((expression) => readable(copy, key, expression)),
      })),
    ].filter((key) => !counts(key)),
  };
}

function keyOf({ name, parts }: PlannedKey): PlannedKey {
  return { name, parts: parts.map(({ column, prefix }) => ({ column, prefix })) };
}

/**
 * information_schema escapes quotes and backslashes once more, and writes other characters than ASCII in a wrong encoding.
 * A key over the items of a JSON array has no value for a row that a query could ask for.
 */
function readable(copy: Table, key: FunctionalKey, expression: string): string {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\x00-\x7f]*$/.test(expression) && !/ array\)$/i.test(expression))
    return expression.replaceAll(/\\(.)/gs, "$1");
  throw new FatalError(
    "PRESERVE_KEY_UNCHECKED",
    `\`${copy.name}\` has the unique key \`${key.name}\` in production, over ${/ array\)$/i.test(expression) ? "the items of an array" : "an expression that the server does not tell as it is"}: whether rows to preserve clash by it cannot be told before they are inserted. Leave the table out of \`preserve\` by \`follow\`, or change the key in production, then replay the run.`,
  );
}
