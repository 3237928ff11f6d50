// The SQL modes that a dump sets, for servers that know others than the source's.
// https://dev.mysql.com/doc/refman/5.7/en/sql-mode.html#sql-mode-combo
import { type Feature, modeFeature } from "../mysql/features.ts";
import { MODES_OF_NO_EFFECT } from "../mysql/sql-modes.ts";
import type { Edit, Statement } from "./statement.ts";
import { nameOf, type Token } from "./tokens.ts";

const AS_OTHERS_QUOTE = ["PIPES_AS_CONCAT", "ANSI_QUOTES", "IGNORE_SPACE"];
/** Gone from MySQL 8: names for several modes, which servers write beside the name. */
const COMBINATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["DB2", AS_OTHERS_QUOTE],
  ["MAXDB", AS_OTHERS_QUOTE],
  ["MSSQL", AS_OTHERS_QUOTE],
  ["MYSQL323", ["HIGH_NOT_PRECEDENCE"]],
  ["MYSQL40", ["HIGH_NOT_PRECEDENCE"]],
  ["POSTGRESQL", AS_OTHERS_QUOTE],
]);
/** In MariaDB another language for stored objects: they keep it. For rows it means what it means in MySQL. */
const COMBINATIONS_FOR_ROWS = new Map([...COMBINATIONS, ["ORACLE", AS_OTHERS_QUOTE]]);

/**
 * Loads impossible dates (`2026-02-29` from a server that allowed them) as they are.
 *
 * Without it, and not strict, a server stores them as zero dates and says so in a warning that nobody reads.
 * https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html#sqlmode_allow_invalid_dates
 */
const FOR_ROWS = "ALLOW_INVALID_DATES";

/** Names only modes that MySQL 8 and later know, too: for rows, at the dump's head, and for each stored object. */
export function nameKnownModes(statement: Statement): Edit[] {
  return assigned(statement).flatMap(({ start, end, before, after }) =>
    after.join(",") === before.join(",") ? [] : [{ start, end, text: `'${after.join(",")}'` }],
  );
}

/** The modes that a statement sets, as the rewritten dump names them, which not every server has. */
export function rareModesIn(statement: Statement): Feature[] {
  return assigned(statement).flatMap(({ after }) => after.flatMap((mode) => modeFeature(mode) ?? []));
}

interface Assigned {
  readonly start: number;
  readonly end: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function assigned({ kind, tokens }: Statement): Assigned[] {
  if (kind !== "SET") return [];
  const isHead = tokens[1]?.source === "@OLD_SQL_MODE";
  return tokens
    .filter((token, at) => token.kind === "text" && assignsMode(tokens, at))
    .map((token) => {
      const before = nameOf(token).split(",");
      const parts = isHead ? COMBINATIONS_FOR_ROWS : COMBINATIONS;
      const known = before.flatMap((mode) => parts.get(mode) ?? mode);
      const wished = new Set(isHead ? [...known, FOR_ROWS] : known);
      const after = [...wished].filter((mode) => !MODES_OF_NO_EFFECT.includes(mode));
      return { start: token.start, end: token.end, before, after };
    });
}

function assignsMode(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.source === "=" && /^(?:@@(?:session\.)?)?sql_mode$/i.test(tokens[at - 2]?.source ?? "");
}
