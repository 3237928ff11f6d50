// Which collations a server has, and what to write into the contract for one that it lacks.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { quoteName } from "./identifiers.ts";

const ER_UNKNOWN_CHARACTER_SET = 1115;
const ER_UNKNOWN_COLLATION = 1273;

/**
 * Whether the server has a collation, or a character set. It is asked itself, not its catalogue: it knows
 * `utf8_general_ci` by two names, MariaDB's newer ones by half of theirs.
 *
 * @param name `utf8mb4_general_ci`, or `utf8mb4` for the character set
 */
export async function knowsCollation(session: ReadSession, name: string): Promise<boolean> {
  const characterSet = name.split("_", 1)[0] ?? name;
  const collate = characterSet === name ? "" : ` COLLATE ${quoteName(name)}`;
  try {
    await session.query(`SELECT CONVERT('' USING ${quoteName(characterSet)})${collate}`);
    return true;
  } catch (error) {
    if (isMySqlError(error) && [ER_UNKNOWN_CHARACTER_SET, ER_UNKNOWN_COLLATION].includes(error.errno)) return false;
    throw error;
  }
}

/**
 * Holds what a dump names against the server that is to load it.
 *
 * @param used where the dump first has each collation or character set
 * @throws FatalError `DUMP_COLLATION_UNKNOWN`
 */
export async function checkCollations(session: ReadSession, used: Readonly<Record<string, string>>): Promise<void> {
  const lacking: string[] = [];
  for (const name of Object.keys(used)) if (!(await knowsCollation(session, name))) lacking.push(name);
  if (lacking.length === 0) return;
  const places = lacking.map((name) => `\`${name}\` (first in ${used[name]})`);
  throw new FatalError(
    "DUMP_COLLATION_UNKNOWN",
    `The ${session.role} server lacks ${places.join(", ")}, which the dump names. Nothing was imported. Give ${session.role} a server that has it${orMap(lacking)}, then request a new run.`,
  );
}

/** The line for the contract that maps collations, as the rest of a sentence; nothing where a character set is lacking. */
export function orMap(lacking: readonly string[]): string {
  const entries = lacking.map((name) => [name, nearestCollation(name)] as const);
  if (entries.length === 0 || entries.some(([, nearest]) => nearest === undefined)) return "";
  return `, or have it mapped by this line in the contract: \`collations: { ${entries.map(([name, nearest]) => `${name}: ${nearest}`).join(", ")} }\``;
}

/** Every server has these: https://dev.mysql.com/doc/refman/5.6/en/charset-unicode-sets.html */
function nearestCollation(name: string): string | undefined {
  const [characterSet] = name.split("_", 1);
  if (characterSet === undefined || characterSet === name) return undefined;
  if (/_(?:cs|bin)$/.test(name)) return `${characterSet}_bin`;
  return characterSet === "utf8mb4" ? "utf8mb4_unicode_520_ci" : `${characterSet}_general_ci`;
}
