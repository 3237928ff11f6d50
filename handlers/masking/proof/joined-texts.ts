// Texts of many rows as a few long ones: a client takes a thousand rows apart more slowly than a server joins them.
import type { WriteSession } from "../../../contracts/platform.ts";
import type { Whole } from "../ledger.ts";
import { SEPARATOR } from "./units.ts";

/** A column's texts but NULL and empty ones: with SEPARATOR between them, and each. */
export interface JoinedTexts {
  readonly text: string;
  readonly values: readonly string[];
}

/** More than a range of ordinary rows has, and less than every server's packet: https://dev.mysql.com/doc/refman/5.6/en/server-system-variables.html#sysvar_max_allowed_packet */
const BYTES_A_COLUMN = 1_000_000;

/** Once in each session that joins. */
export async function allowJoining(session: WriteSession): Promise<void> {
  await session.run(`SET SESSION group_concat_max_len = ${BYTES_A_COLUMN}`);
}

/**
 * @param texts SQL, one for each column
 * @param from FROM and WHERE
 * @returns how many rows there are, and the texts by column: undefined where the server cut them, being too long, or where
 * one has a separator of its own
 */
export async function joinTexts(
  session: WriteSession,
  texts: readonly string[],
  from: string,
): Promise<{ readonly rows: number; readonly columns: readonly (JoinedTexts | undefined)[] }> {
  const select = texts.flatMap((text, i) => [
    `GROUP_CONCAT(NULLIF(${text}, '') SEPARATOR 0x1e) AS v${i}`,
    `IFNULL(SUM(LENGTH(${text})), 0) AS b${i}`,
  ]);
  const [row] = await session.query<Record<string, Whole | null>>(
    `SELECT ${["COUNT(*) AS found", ...select].join(", ")} ${from}`,
  );
  const columns = texts.map((_text, i) => {
    const text = String(row?.[`v${i}`] ?? "");
    const values = text === "" ? [] : text.split(SEPARATOR);
    const isWhole = Buffer.byteLength(text) === Number(row?.[`b${i}`]) + Math.max(0, values.length - 1);
    return isWhole ? { text, values } : undefined;
  });
  return { rows: Number(row?.["found"]), columns };
}

/** The same texts of one column, one by one. */
export async function* streamTexts(session: WriteSession, text: string, from: string): AsyncGenerator<string> {
  for await (const { v } of session.stream<{ v: string | null }>(`SELECT ${text} AS v ${from}`)) {
    if (v !== null && v !== "") yield v;
  }
}
