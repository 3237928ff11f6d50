// `key: fresh`: a masking key that is made for one run, kept on the replica while the run masks, and wiped with it.
import { randomBytes } from "node:crypto";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import { checkLogs } from "./preflight.ts";

const KEY_BYTES = 32;
const VARIABLE = "understudy_fresh_key";

/**
 * The run's own key: made when it is first asked for, and the same to whoever asks later, in another process too.
 *
 * It goes to the server as a bound parameter. Beside it stand the rows that it masks, and it is dropped with them: a
 * replica that writes a binary log keeps both until that expires.
 *
 * @param workDatabase ours, beside the copy on the replica
 * @throws FatalError `MASK_KEY_LOGGED`
 */
export async function freshKey(session: WriteSession, run: string, workDatabase: string): Promise<Buffer> {
  await checkLogs(session);
  const table = quoteTable(workDatabase, "mask_fresh_key");
  const own = `run = ${textLiteral(run)}`;
  await session.run(`CREATE DATABASE IF NOT EXISTS ${quoteName(workDatabase)}`);
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${table} (run VARCHAR(190) CHARACTER SET ascii PRIMARY KEY, secret BINARY(${KEY_BYTES}) NOT NULL)
     ENGINE = InnoDB`,
  );
  await session.setVariable(VARIABLE, randomBytes(KEY_BYTES));
  // Who comes second gets the first one's.
  await session.run(`INSERT IGNORE INTO ${table} (run, secret) VALUES (${textLiteral(run)}, @${VARIABLE})`);
  await session.setVariable(VARIABLE, "");
  await session.run(`DELETE FROM ${table} WHERE NOT ${own}`);
  const [kept] = await session.query<{ secret: Buffer }>(`SELECT secret FROM ${table} WHERE ${own}`);
  if (!kept) throw new Error("The run's key was not kept.");
  return kept.secret;
}
