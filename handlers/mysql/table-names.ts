// The names of tables on a server that writes them in lower case: others than the dump says, and two of them may become one.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { listed } from "./features.ts";

/**
 * Holds names against the server that is to have the tables. A source that folds names itself has none with capitals.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html
 *
 * @throws FatalError `SCHEMA_DOES_NOT_FIT`
 */
export async function refuseFolding(to: ReadSession, tables: readonly string[]): Promise<void> {
  const folded = tables.filter((name) => name !== name.toLowerCase());
  if (folded.length === 0) return;
  const [row] = await to.query<{ setting: string | number }>("SELECT @@lower_case_table_names AS setting");
  if (Number(row?.setting) !== 1) return;
  throw new FatalError(
    "SCHEMA_DOES_NOT_FIT",
    `The ${to.role} server would write the names of tables in lower case (\`lower_case_table_names\`), which production does not: ${listed(folded)}. Make the ${to.role} server anew with production's setting, which cannot be changed afterwards, then request a new run.`,
  );
}
