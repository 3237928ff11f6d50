// Statements that change the server and not the database: what a user without SUPER may not run, and a copy must not want.
import { unsupported } from "./faults.ts";
import type { Edit, Statement } from "./statement.ts";
import type { Token } from "./tokens.ts";

const SERVER_VARIABLES = /(?:^|[@._])(?:gtid_purged|gtid_next|sql_log_bin|temp_log_bin)$/i;
const SERVER_SCOPES = /^@@(?:global|persist|persist_only)\./i;
const SERVER_SCOPE_WORDS = new Set(["GLOBAL", "PERSIST", "PERSIST_ONLY"]);
/** CHANGE MASTER, CHANGE REPLICATION SOURCE, START SLAVE and the like; FLUSH needs the RELOAD privilege. */
const REPLICATION_VERBS = new Set(["CHANGE", "STOP", "FLUSH"]);
/** Character sets with characters whose last byte is a backslash's: there, quotes cannot be told from text by bytes. */
const UNREADABLE_CHARACTER_SETS = new Set(["BIG5", "CP932", "GB18030", "GBK", "SJIS"]);

/** Leaves out replication, binary logging and global variables. */
export function dropServerSettings(statement: Statement): "drop" | Edit[] {
  const { kind, tokens } = statement;
  if (REPLICATION_VERBS.has(kind)) return "drop";
  if (kind === "START" && tokens[1]?.keyword !== "TRANSACTION") return "drop";
  if (kind === "SET" && tokens.some((token, at) => isServerSetting(token, tokens[at + 1]))) return "drop";
  return [];
}

/** Throws FatalError `DUMP_UNSUPPORTED_STATEMENT` when rows come in a character set that cannot be read by bytes. */
export function refuseUnreadableCharacterSets({ kind, tokens, place }: Statement): Edit[] {
  const set = kind === "SET" && tokens[1]?.keyword === "NAMES" ? tokens[2] : undefined;
  const name = set?.source.replaceAll(/['"`]/g, "").toUpperCase();
  if (name !== undefined && UNREADABLE_CHARACTER_SETS.has(name))
    throw unsupported(`rows in character set ${name}`, place);
  return [];
}

function isServerSetting(token: Token, next: Token | undefined): boolean {
  if (token.kind === "variable" && SERVER_SCOPES.test(token.source))
    return next?.source === "=" || next?.source === ":";
  if (SERVER_SCOPE_WORDS.has(token.keyword)) return next?.kind === "word";
  return (token.kind === "variable" || token.kind === "word") && SERVER_VARIABLES.test(token.source);
}
