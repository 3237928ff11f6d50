// What is done to each statement outside of the rows. A new rule is a new entry in the list.
import { asksForBulkLoad } from "./bulk-load.ts";
import { type CollationMap, guardConnectionCollation, mapCollations, spellOutCollations } from "./collations.ts";
import { leaveDatabaseAlone, type Renaming, refuseOddUse, renameDatabase } from "./databases.ts";
import { dropDefiners, runAsInvoker } from "./definers.ts";
import { sequence, unsupported } from "./faults.ts";
import { dropServerSettings, refuseUnreadableCharacterSets } from "./server-settings.ts";
import { renewTables } from "./older-tables.ts";
import { nameKnownModes } from "./sql-modes.ts";
import { dropStoragePlaces } from "./storage-places.ts";
import { applyEdits, type Edit, type Statement } from "./statement.ts";
import { narrowVersionComments } from "./version-comments.ts";

export interface StatementOptions extends Renaming, CollationMap {
  /** For a copy in which nothing may act by itself. */
  readonly withoutTriggersAndEvents?: boolean;
}

/** Says what to change in a statement, or to leave it out; throws FatalError to refuse the dump. */
export type StatementRewriter = (statement: Statement, options: StatementOptions) => "drop" | readonly Edit[];

/** All of them see each statement as the dump has it; two never edit the same token. */
const statementRewriters: readonly StatementRewriter[] = [
  refuseUnknownKinds,
  leaveOutWhatActs,
  refuseOddUse,
  refuseUnreadableCharacterSets,
  renameDatabase,
  leaveDatabaseAlone,
  dropServerSettings,
  dropStoragePlaces,
  narrowVersionComments,
  renewTables,
  nameKnownModes,
  dropDefiners,
  runAsInvoker,
  spellOutCollations,
  guardConnectionCollation,
  mapCollations,
];

/** What dump tools write beside INSERT and REPLACE. Commands of the mysql client (`source`, `system`) are not among it. */
const KNOWN_VERBS = new Set(
  "ALTER ANALYZE BEGIN CHANGE COMMIT CREATE DO DROP FLUSH LOCK SET START STOP UNLOCK USE".split(" "),
);

/** The statement as it goes on, or undefined where it is left out. */
export function rewriteStatement(statement: Statement, options: StatementOptions): string | undefined {
  const changes = statementRewriters.map((rewrite) => rewrite(statement, options));
  const edits = changes.flatMap((change) => (change === "drop" ? [] : change));
  return changes.includes("drop") ? undefined : applyEdits(statement.source, edits);
}

/** What stands outside of a database. A dump tool writes none of it; in a dump it can only be somebody's doing. */
const FOREIGN_OBJECTS = new Set(["ROLE", "SERVER", "USER"]);
const ACCOUNT_SETTINGS = new Set(["DEFAULT", "PASSWORD", "ROLE"]);

function refuseUnknownKinds(statement: Statement): "drop" | Edit[] {
  if (asksForBulkLoad(statement)) return "drop";
  const { tokens, kind, place } = statement;
  if (kind === "CREATE SEQUENCE") throw sequence(place);
  const [first, second] = tokens;
  const isForeign =
    FOREIGN_OBJECTS.has(kind.split(" ")[1] ?? "") || (kind === "SET" && ACCOUNT_SETTINGS.has(second?.keyword ?? ""));
  if (isForeign || (first && !KNOWN_VERBS.has(first.keyword)))
    throw unsupported("a statement of an unknown kind", place);
  return [];
}

/**
 * Triggers would fire while the copy is masked, and events run when they like. Staging has its own of both.
 *
 * An event's time zone goes with it: it may be one by name, which not every server knows.
 */
function leaveOutWhatActs({ kind, tokens }: Statement, options: StatementOptions): "drop" | Edit[] {
  const [set, variable, , value] = tokens;
  const isZone = set?.versioned && variable?.keyword === "TIME_ZONE" && /^'[^+-]/.test(value?.source ?? "");
  return options.withoutTriggersAndEvents && (/ (?:TRIGGER|EVENT)$/.test(kind) || isZone) ? "drop" : [];
}
