// The contract's own SQL is shown to the server before a row changes: a misspelt name should not be met after an hour.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";

/** @throws FatalError `MASK_EXPRESSION` naming the column and the server's error number; its text may quote the SQL */
export async function checkExpressions(session: WriteSession, { plan, database }: MaskingJob): Promise<void> {
  for (const { table, columns } of plan.tables) {
    for (const { column, transform, sql } of columns) {
      if (transform.name !== "expression" || sql === undefined) continue;
      const update = `UPDATE ${quoteTable(database, table)} SET ${quoteName(column)} = ${sql} WHERE FALSE`;
      await session.query(`EXPLAIN ${update}`).catch((error: unknown) => {
        throw isMySqlError(error) ? refused(table, column, error) : error;
      });
    }
  }
}

function refused(table: string, column: string, { errno, code }: { errno: number; code: string }): FatalError {
  return new FatalError(
    "MASK_EXPRESSION",
    `The server does not take the \`expression\` of \`${table}.${column}\` (error ${errno}, ${code}). Correct its SQL in sync.yaml: it may read the row's own columns, \`{value}\` and \`{key}\`.`,
  );
}
