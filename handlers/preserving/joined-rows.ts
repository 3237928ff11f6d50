// Many of staging's rows as one text, the values of an INSERT: a client takes rows apart more slowly than a server joins them.
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import { joined, literalExpression, nameOf } from "./staged-literals.ts";
import { insertInto, valuesOfEveryRow, type Rows, type Target } from "./staging-rows.ts";

/** Bytes of a text; half of what staging's server sends at once where that is less. */
const JOINED_BYTES = 1024 * 1024;

/** Characters of one INSERT: a row of a longer one takes MySQL 9.7 more time. */
const INSERT_CHARACTERS = 64 * 1024;

/**
 * Where a row ends and the name of the next begins. Within a literal, QUOTE puts a backslash before a quote; the quote that
 * ends one is followed by no digit.
 */
const BETWEEN_ROWS = /\),\(x'(?=[\da-f])/gi;

/** Once in the session that reads staging. */
export async function allowJoining(staging: ReadSession): Promise<void> {
  // Of signed and unsigned numbers LEAST makes a DECIMAL, which MySQL 9.7 does not take here.
  const half = "CAST(@@max_allowed_packet DIV 2 AS SIGNED)";
  await staging.query(`SET SESSION group_concat_max_len = LEAST(${JOINED_BYTES}, ${half})`);
}

/** Whether nobody looks at the rows on their way, each has a name, and none has a value that may be too long for its server. */
export function canBeJoined({ columns, identity, beside }: Target): boolean {
  return !beside && identity.length > 0 && columns.every(({ literal }) => literal !== "long");
}

/**
 * Copies rows of staging's into the target, if one text holds them. Rows that are there already stay.
 *
 * @returns how much of a text they fill; more than 1: too much, and nothing is copied
 */
export async function copyJoined(
  staging: ReadSession,
  { from, values }: Rows,
  copy: WriteSession,
  target: Target,
): Promise<number> {
  const { columns, identity } = target;
  const named = columns.filter(({ name }) => identity.includes(name));
  const literals = joined([nameOf(named), ...columns.map(literalExpression)]);
  const tuple = `CONCAT('(', ${literals}, ${textLiteral(`${valuesOfEveryRow(target)})`)})`;
  // GROUP_CONCAT passes over a NULL, which is a row that is too long by itself: now it is too long for the text.
  const [row] = await staging.query<{ tuples: string | null; most: string }>(
    `SELECT GROUP_CONCAT(IFNULL(${tuple}, REPEAT(' ', @@group_concat_max_len))) AS tuples, @@group_concat_max_len AS most ${from}`,
    values,
  );
  if (!row?.tuples) return 0;
  // The server cuts what is too long, at the end of a character: of 4 bytes at most.
  const filled = Buffer.byteLength(row.tuples) / (Number(row.most) - 4);
  if (filled <= 1) for (const tuples of parts(row.tuples)) await copy.run(insertInto(target, columns, tuples));
  return filled;
}

/** Whole rows, so many that they reach the length. */
function* parts(tuples: string): Generator<string> {
  const between = new RegExp(BETWEEN_ROWS);
  for (let at = 0; at < tuples.length;) {
    between.lastIndex = at + INSERT_CHARACTERS;
    const end = between.exec(tuples)?.index ?? tuples.length - 1;
    yield tuples.slice(at, end + 1);
    at = end + 2;
  }
}
