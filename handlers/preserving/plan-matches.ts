// From rules to matches: `match` and `on_match` of each table, held against both schemas. Pure.
import { FatalError } from "../../contracts/errors.ts";
import { didYouMean } from "../../contracts/nearest.ts";
import type { OnMatch, PreserveRule } from "../../contracts/sync-contract.ts";
import { primaryKey, type Column, type ForeignKey, type Schema, type Table } from "../mysql/schema.ts";
import type { PlannedMatch } from "./match-plan.ts";

type MatchingRule = PreserveRule & Required<Pick<PreserveRule, "match">>;

/**
 * By table.
 *
 * @param foreignKeys those that preserved rows hold, declared ones among them
 * @throws FatalError `PRESERVE_MATCH_TWICE`, `PRESERVE_MATCH_COLUMN`, `PRESERVE_MATCH_MASKED`, `PRESERVE_MATCH_UNFIT`
 */
export function planMatches(
  rules: readonly PreserveRule[],
  foreignKeys: readonly ForeignKey[],
  staging: Schema,
  copy: Schema,
  isMasked: (table: string, column: string) => boolean,
): Map<string, PlannedMatch> {
  const matching = rules.filter((rule): rule is MatchingRule => rule.match !== undefined);
  const referenced = [...foreignKeys, ...[...copy.tables.values()].flatMap((table) => table.foreignKeys)];
  return new Map(
    [...Map.groupBy(matching, ({ table }) => table)].flatMap(([name, [rule, ...others]]) => {
      const [from, to] = [staging.tables.get(name), copy.tables.get(name)];
      if (!rule || !from || !to) return [];
      if (others.length > 0) refuseSecond(name);
      checkColumns(rule, from, to, isMasked);
      return [[name, planMatch(rule, from, to, referenced)] as const];
    }),
  );
}

function planMatch(
  { match, onMatch = { kind: "fail" } }: MatchingRule,
  from: Table,
  to: Table,
  foreignKeys: readonly ForeignKey[],
): PlannedMatch {
  const carried = (name: string) => from.columns.some((column) => column.name === name);
  const leadingHere = foreignKeys.filter((key) => key.parentTable === to.name).flatMap((key) => key.parentColumns);
  const adopted = [...new Set([...primaryKey(to), ...leadingHere])].filter(carried);
  if (onMatch.kind === "overwrite" && !(primaryKey(to).length > 0 && primaryKey(to).every(carried))) {
    refuseUnfit(
      to,
      "production's row cannot be overwritten, as it has no primary key that staging fills. Use another `on_match`",
    );
  }
  return {
    columns: match,
    onMatch,
    unique: to.keys.some(
      (key) => key.unique && key.parts.every(({ column, prefix }) => prefix === null && match.includes(column)),
    ),
    adopted: onMatch.kind === "keep-production" || onMatch.kind === "overwrite" ? adopted : [],
    renamed: onMatch.kind === "rename" ? renamedColumn(match, onMatch, to, foreignKeys) : null,
  };
}

/** The last text column of the match that refers to nothing: there a name stands. */
function renamedColumn(
  match: readonly string[],
  { pattern }: OnMatch & { kind: "rename" },
  to: Table,
  keys: readonly ForeignKey[],
) {
  if (pattern === "{value}")
    refuseUnfit(to, "the pattern `{value}` changes nothing. Give it some text, such as `{value} (demo)`");
  const refers = (name: string) => keys.some((key) => key.table === to.name && key.columns.includes(name));
  const isName = ({ name, dataType, generated, maxCharacters }: Column) =>
    !generated && !refers(name) && maxCharacters !== null && /(char|text)$/.test(dataType);
  const column = match
    .flatMap((name) => to.columns.find((candidate) => candidate.name === name) ?? [])
    .findLast(isName);
  if (!column) refuseUnfit(to, "none of its columns is a text that can be renamed. Use another `on_match`");
  return { column: column.name, characters: column.maxCharacters ?? 0 };
}

function checkColumns(
  { table, match }: MatchingRule,
  from: Table,
  to: Table,
  isMasked: (table: string, column: string) => boolean,
): void {
  for (const name of match) {
    for (const [side, { columns }] of [
      ["staging", from],
      ["production", to],
    ] as const) {
      if (columns.some((column) => column.name === name)) continue;
      throw new FatalError(
        "PRESERVE_MATCH_COLUMN",
        `\`match\` of \`${table}\` names \`${name}\`, which the table does not have in ${side}.${didYouMean(
          name,
          columns.map((column) => column.name),
        )} Correct \`preserve\` in sync.yaml, then replay the run.`,
      );
    }
    if (!isMasked(table, name)) continue;
    throw new FatalError(
      "PRESERVE_MATCH_MASKED",
      `\`match\` of \`${table}\` names \`${name}\`, which is masked in the copy: no row of staging's can have production's value there. Match by columns that masking keeps.`,
    );
  }
}

function refuseSecond(table: string): never {
  throw new FatalError(
    "PRESERVE_MATCH_TWICE",
    `Several rules to preserve \`${table}\` say \`match\`. It holds for all rows of the table: leave it in one of them.`,
  );
}

function refuseUnfit({ name }: Table, why: string): never {
  throw new FatalError("PRESERVE_MATCH_UNFIT", `\`match\` of \`${name}\`: ${why}.`);
}
