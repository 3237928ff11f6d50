// What is done to each statement outside of the rows. A new rule is a new entry in the list.
import { guardConnectionCollation, spellOutCollations } from "./collations.ts";
import { leaveDatabaseAlone, type Renaming, refuseOddUse, renameDatabase } from "./databases.ts";
import { dropDefiners, runAsInvoker } from "./definers.ts";
import { unsupported } from "./faults.ts";
import { dropServerSettings, keepImpossibleDates, refuseUnreadableCharacterSets } from "./server-settings.ts";
import { applyEdits, type Edit, type Statement } from "./statement.ts";

/** Says what to change in a statement, or to leave it out; throws FatalError to refuse the dump. */
export type StatementRewriter = (statement: Statement, renaming: Renaming) => "drop" | readonly Edit[];

/** All of them see each statement as the dump has it; two never edit the same token. */
const statementRewriters: readonly StatementRewriter[] = [
  refuseUnknownKinds,
  refuseOddUse,
  refuseUnreadableCharacterSets,
  renameDatabase,
  leaveDatabaseAlone,
  dropServerSettings,
  keepImpossibleDates,
  dropDefiners,
  runAsInvoker,
  spellOutCollations,
  guardConnectionCollation,
];

/** What dump tools write beside INSERT and REPLACE. Commands of the mysql client (`source`, `system`) are not among it. */
const KNOWN_VERBS = new Set(
  "ALTER ANALYZE BEGIN CHANGE COMMIT CREATE DO DROP FLUSH LOCK SET START STOP UNLOCK USE".split(" "),
);

/** The statement as it goes on, or undefined where it is left out. */
export function rewriteStatement(statement: Statement, renaming: Renaming): string | undefined {
  const changes = statementRewriters.map((rewrite) => rewrite(statement, renaming));
  const edits = changes.flatMap((change) => (change === "drop" ? [] : change));
  return changes.includes("drop") ? undefined : applyEdits(statement.source, edits);
}

function refuseUnknownKinds({ tokens, place }: Statement): Edit[] {
  const [first] = tokens;
  if (first && !KNOWN_VERBS.has(first.keyword)) throw unsupported("a statement of an unknown kind", place);
  return [];
}
