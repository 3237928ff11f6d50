// SQL about references between work rows. `s` refers: a staged row, or a link of a declared reference, whose row is `w`;
// `p` is the carried row that it refers to, `o` one outside the set as staging has it.
import { quoteName } from "../mysql/identifiers.ts";
import { isCarried } from "./fate.ts";
import { tableOf, type PlannedReference, type PreservePlan } from "./preserve-plan.ts";
import { policyOf } from "./ways.ts";
import { FOUND, IDENTITY, LINK, NUMBER, ORDINAL, valueInCopy, type Workspace } from "./workspace.ts";

/**
 * What stands after FROM: all that may refer, as `s`.
 *
 * @param first by what the server finds them: by the numbers of `s` (pages), or of the staged rows (a step's batch)
 */
export function referring(
  plan: PreservePlan,
  workspace: Workspace,
  reference: PlannedReference,
  first: "s" | "rows" = "s",
): string {
  const rows = workspace.rows(reference.table);
  if (!reference.link) return `${rows} s`;
  const links = workspace.links(plan.references.indexOf(reference));
  const [one, other] = first === "s" ? [`${links} s`, `${rows} w`] : [`${rows} w`, `${links} s`];
  return `${one} STRAIGHT_JOIN ${other} ON w.${IDENTITY} = s.${IDENTITY} AND s.${ORDINAL} >= 0`;
}

/** The staged row of `s`. */
export function rowOf({ link }: PlannedReference): "s" | "w" {
  return link ? "w" : "s";
}

/** The referring value in staging, of the reference's i-th column. */
export function valueOf({ columns, link }: PlannedReference, i: number): string {
  return link ? `s.${LINK.value}` : `s.${quoteName(columns[i] ?? "")}`;
}

/** What that value is in the copy. */
export function movedValueOf(plan: PreservePlan, reference: PlannedReference, i: number): string {
  if (reference.link) return `s.${LINK.moved}`;
  return valueInCopy(tableOf(plan, reference.table), reference.columns[i] ?? "", "s");
}

/** `s` refers to `parent`, by staging's values. One with a NULL among its columns refers to nothing (MATCH SIMPLE). */
export function refersTo(reference: PlannedReference, parent: string): string {
  return reference.parentColumns
    .map((column, i) => `${parent}.${quoteName(column)} = ${valueOf(reference, i)}`)
    .join(" AND ");
}

/** All that may refer, each with the carried row that it refers to, or without. */
export function leading(
  plan: PreservePlan,
  workspace: Workspace,
  reference: PlannedReference,
  first: "s" | "rows" = "s",
): string {
  const all = referring(plan, workspace, reference, first);
  if (!reference.carried) return all;
  const parents = workspace.rows(tableOf(plan, reference.parentTable).name);
  return `${all} LEFT JOIN ${parents} p ON ${refersTo(reference, "p")}`;
}

/** The same, also with the row outside that it refers to, or without. */
export function leadingOutside(...of: Parameters<typeof leading>): string {
  const [plan, workspace, reference] = of;
  const outside = workspace.parents(plan.references.indexOf(reference));
  return `${leading(...of)} LEFT JOIN ${outside} o ON ${refersTo(reference, "o")}`;
}

/**
 * `s` refers to something; a link does, also where its value is none that a parent can have. Of a row that production's
 * stands for, nothing is asked.
 */
export function isPresent(reference: PlannedReference): string {
  const carried = isCarried(rowOf(reference));
  if (reference.link) return carried;
  return [carried, ...reference.columns.map((_, i) => `${valueOf(reference, i)} IS NOT NULL`)].join(" AND ");
}

/** In the copy `s` still refers to something. */
export function isPresentInCopy(plan: PreservePlan, reference: PlannedReference): string {
  const present = reference.columns.map((_, i) => `${movedValueOf(plan, reference, i)} IS NOT NULL`);
  return [isCarried(rowOf(reference)), ...present].join(" AND ");
}

/** Of `leading`'s rows, the ones that refer to a row outside the set. */
export function isOutside(reference: PlannedReference): string {
  return `${isPresent(reference)}${reference.carried ? ` AND p.${NUMBER} IS NULL` : ""}`;
}

/** Of those with `o`, the ones whose parent production lacks, or has otherwise. */
export function isLost(reference: PlannedReference): string {
  return `(IFNULL(o.${FOUND}, 'missing') <> 'same' AND NOT ${isNone(reference)})`;
}

/** Of `leadingOutside`'s rows, the ones that say "none" as applications do where no foreign key forbids it: 0, or nothing. */
export function isNone(reference: PlannedReference): string {
  if (!reference.zeroIsNone) return "FALSE";
  const value = valueOf(reference, 0);
  const isZero = reference.outside[0]?.integer ? `${value} <=> 0` : `IFNULL(${value} IN ('', '0'), FALSE)`;
  return `(${isZero} AND o.${FOUND} IS NULL${reference.carried ? ` AND p.${NUMBER} IS NULL` : ""})`;
}

/** Of those, the ones that become NULL. */
export function isNulled(plan: PreservePlan, reference: PlannedReference): string {
  if (reference.nulls.length === 0) return "FALSE";
  return `(${isLost(reference)} AND ${policyOf(plan, reference.table, rowOf(reference))} = 'null')`;
}

/**
 * Every column of `s` stands in the copy at the value that its parent has there: `p`'s, or for one outside its own. Where
 * some become NULL, nothing is asked of the others: the reference leads nowhere, and they may follow another one.
 */
function isRight(plan: PreservePlan, reference: PlannedReference, parent: "p" | "outside"): string {
  const columns = reference.columns
    .map((column, i) => {
      const moved = movedValueOf(plan, reference, i);
      if (parent === "p") {
        return `${moved} <=> ${valueInCopy(tableOf(plan, reference.parentTable), reference.parentColumns[i] ?? "", "p")}`;
      }
      const stays = `${moved} <=> ${valueOf(reference, i)}`;
      const becomesNull = reference.nulls.includes(column) ? `${moved} IS NULL` : "TRUE";
      return reference.nulls.length === 0 ? stays : `IF(${isNulled(plan, reference)}, ${becomesNull}, ${stays})`;
    })
    .join(" AND ");
  return reference.link?.place.kind === "value" ? `${columns} AND ${isWritten(plan, reference)}` : columns;
}

/** Of `leadingOutside`'s rows, the ones that do not stand in the copy at the value that their parent has there. */
export function isAstray(plan: PreservePlan, reference: PlannedReference): string {
  const outside = `${isOutside(reference)} AND NOT (${isRight(plan, reference, "outside")})`;
  if (!reference.carried) return `(${outside})`;
  const carried = `p.${NUMBER} IS NOT NULL AND ${isCarried(rowOf(reference))} AND NOT (${isRight(plan, reference, "p")})`;
  return `((${outside}) OR (${carried}))`;
}

/** The column that is the value of link `s` has what the link has: no other reference wrote something else. */
function isWritten(plan: PreservePlan, reference: PlannedReference): string {
  const child = tableOf(plan, reference.table);
  const [name = ""] = reference.columns;
  const value = asColumn(plan, reference);
  // Two columns' collations do not mix.
  const isText = child.columns.some((column) => column.name === name && column.characterSet !== null);
  const expected = isText ? `CONVERT(${value} USING utf8mb4) COLLATE utf8mb4_bin` : value;
  return `(s.${LINK.value} IS NULL OR ${valueInCopy(child, name, "w")} <=> ${expected})`;
}

/** The moved value of link `s` as the referring column has it: digits where that is a text. */
export function asColumn(plan: PreservePlan, { table, columns, link }: PlannedReference): string {
  const column = tableOf(plan, table).columns.find(({ name }) => name === columns[0]);
  const moved = `s.${LINK.moved}`;
  return link?.value.integer && !column?.integer ? `CAST(${moved} AS CHAR)` : moved;
}
