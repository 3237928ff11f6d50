// The values of documents are masked by the server, through the same SQL as columns are. No statement's text has one: they
// travel as bound variables, and statements cut them out by their places.
import type { ReadSession } from "../../../contracts/platform.ts";
import type { Table } from "../../mysql/schema.ts";
import { applyTransform } from "../transforms/index.ts";
import { INTEGER, NUMBER, TEXT } from "../transforms/json.ts";
import type { Leaf, OpenDocument } from "./document.ts";

/** Values of one question to the server. */
const LEAVES_A_QUERY = 500;

/** Changes nothing on the server; afterwards each document can be written. @param session must have the key's variables */
export async function maskLeaves(session: ReadSession, documents: Iterable<OpenDocument>): Promise<void> {
  const leaves = [...documents].flatMap((document) => document.leaves);
  const alike = Map.groupBy(leaves, (leaf) => JSON.stringify([leaf.transform, leaf.kind]));
  for (const group of alike.values()) {
    for (let i = 0; i < group.length; i += LEAVES_A_QUERY) {
      await maskAlike(session, group.slice(i, i + LEAVES_A_QUERY));
    }
  }
}

/** Leaves of one transform and kind. */
async function maskAlike(session: ReadSession, leaves: readonly Leaf[]): Promise<void> {
  const [first] = leaves;
  if (!first) return;
  const column = { text: TEXT, integer: INTEGER, number: NUMBER }[first.kind];
  const masked = applyTransform(first.transform, column, VALUES);
  if (!masked.fits) throw new TypeError(masked.reason);
  const texts = await sendTexts(
    session,
    leaves.map(({ original }) => original),
  );
  const value = (text: string) => ({ text, integer: `CAST(${text} AS SIGNED)`, number: `${text} + 0e0` })[first.kind];
  const rows = await session.query<{ masked: string | null }>(
    `SELECT CAST(${masked.sql} AS CHAR) AS masked FROM
       (${texts.map((text, n) => `SELECT ${n} AS understudy_n, ${value(text)} AS ${column.name}`).join(" UNION ALL ")}) t
     ORDER BY understudy_n`,
  );
  if (rows.length !== leaves.length) throw new TypeError("The server masked more or fewer values than it was given.");
  for (const [i, leaf] of leaves.entries()) leaf.put(rows[i]?.masked ?? null);
}

/** What transforms are told of the table that the values stand in. */
const VALUES: Table = {
  name: "values",
  engine: "InnoDB",
  estimatedRows: 0,
  columns: [TEXT],
  keys: [],
  foreignKeys: [],
};

/** @returns SQL for each of the texts, good until the session is sent others */
export async function sendTexts(session: ReadSession, texts: readonly string[]): Promise<string[]> {
  const buffers = texts.map((text) => Buffer.from(text));
  await session.setVariable("understudy_values", Buffer.concat(buffers));
  let from = 1; // as SQL counts
  return buffers.map(({ length }) => {
    const sql = `CONVERT(SUBSTRING(@understudy_values, ${from}, ${length}) USING utf8mb4)`;
    from += length;
    return sql;
  });
}
