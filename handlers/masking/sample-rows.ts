// Before and after of a few rows, computed by the server in a SELECT: nothing is changed. The values are personal data.
import { isMySqlError } from "../../contracts/errors.ts";
import type { ReadSession, SqlRow, SqlValue } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { documentPaths, openDocument } from "./documents/document.ts";
import { maskLeaves } from "./documents/mask-leaves.ts";
import { maskedColumns, type MaskedColumn, type MaskingPlan, type Permutation, type TablePlan } from "./plan.ts";
import { permuteSample } from "./sample-permuted.ts";
import type { Named } from "./transforms/transform.ts";

type JsonTransform = Named<"json">;

export interface SampledValue {
  readonly column: string;
  readonly before: SqlValue;
  /** Undefined where `permute` makes it of more values than a preview should read. */
  readonly after: SqlValue | undefined;
}

/** A table's rows, or why the server could not compute them. */
export type Sample =
  | { readonly table: string; readonly rows: readonly (readonly SampledValue[])[] }
  | { readonly table: string; readonly errno: number; readonly code: string };

/**
 * The last rows of a table by its key, of those that do not stay behind, with the values that masking changes.
 *
 * @param session must have a key's variables (setKey)
 */
export async function sampleRows(
  session: ReadSession,
  database: string,
  plan: MaskingPlan,
  table: TablePlan,
  count: number,
): Promise<Sample> {
  const columns = maskedColumns(table);
  try {
    // A condition may look into another table, and sessions have no default database.
    await session.query(`USE ${quoteName(database)}`);
    const sample = statement(database, plan, table, columns, count);
    const rows = await session.query(sample);
    for (const [i, column] of columns.entries()) {
      if (column.transform.name === "json") await maskDocuments(session, rows, i, column.transform);
      const permutation = permutationOf(plan, column);
      if (permutation) await permuteSample(session, database, plan, permutation, { rows, sample, i });
    }
    return {
      table: table.table,
      rows: rows.map((row) =>
        columns.map(({ column }, i) => ({ column, before: row[`before${i}`] ?? null, after: row[`after${i}`] })),
      ),
    };
  } catch (error) {
    if (!isMySqlError(error)) throw error;
    return { table: table.table, errno: error.errno, code: error.code };
  }
}

function statement(
  database: string,
  plan: MaskingPlan,
  table: TablePlan,
  columns: readonly MaskedColumn[],
  count: number,
): string {
  const name = quoteTable(database, table.table);
  const selected = columns.flatMap((column, i) => [
    `${quoteName(column.column)} AS before${i}`,
    ...(permutationOf(plan, column) || column.transform.name === "json" ? [] : [`${column.sql} AS after${i}`]),
  ]);
  const keys = table.chunkKey?.columns.map(({ column }) => `${name}.${quoteName(column)} DESC`) ?? [];
  const condition = table.rows?.deleteRows;
  const where = condition === undefined ? "" : ` WHERE NOT COALESCE((${condition}\n), FALSE)`;
  const order = keys.length > 0 ? ` ORDER BY ${keys.join(", ")}` : "";
  return `SELECT ${selected.join(", ")} FROM ${name}${where}${order} LIMIT ${count}`;
}

/** Documents are masked beside the rows: here as when masking begins, but for keeping them. */
async function maskDocuments(session: ReadSession, rows: SqlRow[], i: number, { paths }: JsonTransform): Promise<void> {
  const documents = rows.map((row) => {
    const text = row[`before${i}`];
    return text === null || text === undefined ? undefined : openDocument(String(text), documentPaths(paths));
  });
  await maskLeaves(
    session,
    documents.filter((document) => document !== undefined),
  );
  for (const [n, row] of rows.entries()) row[`after${i}`] = documents[n]?.write() ?? null;
}

/** Its column's SQL reads a table that is made of all values when masking begins. */
function permutationOf({ preparations = [] }: MaskingPlan, { sql }: MaskedColumn): Permutation | undefined {
  return preparations.filter((each) => each.kind === "permutation").find(({ name }) => sql.includes(quoteName(name)));
}
