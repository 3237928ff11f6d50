// The database that a dump is of, under its new name; and no other.
import { quoteName } from "../mysql/identifiers.ts";
import { type CollationMap, mapCollations } from "./collations.ts";
import { databaseNames } from "./database-names.ts";
import { foreignDatabase, unsupported } from "./faults.ts";
import { applyEdits, type Edit, placeOf, type Statement } from "./statement.ts";
import { nameOf, tokenize } from "./tokens.ts";

/** What every server has and no dump brings: views and routines may read them. */
const SYSTEM_DATABASES = new Set(["information_schema", "performance_schema", "sys"]);

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/**
 * Renames the database wherever the statement names it. Names are compared exactly: on a server that tells `Shop` from `shop`
 * they are two databases, and to refuse a dump is the lesser harm.
 *
 * Throws FatalError `DUMP_FOREIGN_DATABASE` for the name of another database.
 */
export function renameDatabase(statement: Statement, { from, to }: Renaming): Edit[] {
  const edits: Edit[] = [];
  for (const { token, qualifies } of databaseNames(statement.tokens)) {
    const name = nameOf(token);
    if (name === from) {
      if (from !== to) edits.push({ start: token.start, end: token.end, text: latin1Name(to) });
    } else if (!qualifies || !SYSTEM_DATABASES.has(name.toLowerCase())) {
      throw foreignDatabase(name, from, statement.kind, placeOf(statement, token));
    }
  }
  return edits;
}

/**
 * One statement of a server's own, such as SHOW CREATE TRIGGER gives it, with the database renamed wherever it is named,
 * and collations mapped.
 *
 * Other databases may be named here: who made the object was allowed to.
 */
export function renameDatabaseIn(
  sql: string,
  { from, to, collations = {} }: Renaming & CollationMap,
  backslashEscapes: boolean,
): string {
  const source = Buffer.from(sql, "utf8").toString("latin1");
  const tokens = [...tokenize(source, backslashEscapes)];
  const names = [...databaseNames(tokens)]
    .filter(({ token }) => nameOf(token) === from)
    .map(({ token: { start, end } }) => ({ start, end, text: latin1Name(to) }));
  const edits = [...names, ...mapCollations({ tokens }, { collations })];
  return Buffer.from(applyEdits(source, edits), "latin1").toString("utf8");
}

/** `USE` with anything but one name: the mysql client and this rewriter might read it in two ways. */
export function refuseOddUse({ kind, tokens, place }: Statement): Edit[] {
  if (kind === "USE" && tokens.length !== 2) throw unsupported("a USE statement that is not one name", place);
  return [];
}

/**
 * CREATE and DROP DATABASE are left out: who loads the dump makes the database empty, and knows whether that is safe.
 *
 * The default character set and collation are noted (see databaseCollation): the source's may not exist on the target
 * (MySQL 9's `utf8mb4_0900_ai_ci` on MariaDB), where tables that spell out theirs do without.
 */
export function leaveDatabaseAlone({ kind }: Statement): "drop" | Edit[] {
  return /^(?:CREATE|DROP) (?:DATABASE|SCHEMA)$/.test(kind) ? "drop" : [];
}

/** A quoted name as it stands in statements, which are bytes read as latin1. */
export function latin1Name(name: string): string {
  return Buffer.from(quoteName(name), "utf8").toString("latin1");
}
