// SQL files that run on the new data before staging gets it: webhooks removed, mail switched off, migrations applied.
import { FatalError, isMySqlError, summarizeError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import type { Script } from "../../contracts/sync-contract.ts";
import { renameDatabaseIn, splitStatements } from "../dump/index.ts";
import { quoteName } from "../mysql/identifiers.ts";

export interface ScriptTarget {
  /** The name that the scripts may call the database by. */
  readonly live: string;
  /** Where the new data is. */
  readonly database: string;
}

/**
 * Runs the statements of each file, in order, with the new data as the default database. `DELIMITER` is understood.
 *
 * @throws FatalError `AFTER_FAILED` naming file, line and statement; `AFTER_USE` for a script that leaves the database
 */
export async function runScripts(
  session: WriteSession,
  scripts: readonly Script[],
  { live, database }: ScriptTarget,
): Promise<void> {
  for (const script of scripts) {
    await session.run(`USE ${quoteName(database)}`);
    for (const { sql, line, verb } of splitStatements(script.sql)) {
      if (verb === "USE") throw leaves(script, line);
      try {
        await session.run(renameDatabaseIn(sql, { from: live, to: database }, true));
      } catch (error) {
        if (!isMySqlError(error)) throw error;
        const { code } = summarizeError(error);
        throw new FatalError(
          "AFTER_FAILED",
          `\`${script.file}\`, line ${line}: the server refuses the ${verb} with error ${error.errno} (${code}). Staging is untouched. Correct the file, then replay the run.`,
          { cause: error },
        );
      }
    }
  }
}

function leaves({ file }: Script, line: number): FatalError {
  return new FatalError(
    "AFTER_USE",
    `\`${file}\`, line ${line}: a script cannot change the database: it runs in the new data, before staging has it. Take the USE out, then replay the run.`,
  );
}
