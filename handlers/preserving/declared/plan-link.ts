// A declared reference against the schema: where its values stand, of which type they are, whether it is a plain column.
import type { DeclaredReference } from "../../../contracts/sync-contract.ts";
import type { Column } from "../../mysql/schema.ts";
import { highestInteger, isInteger } from "../plan-columns.ts";
import type { LinkPlace, PlannedColumn, PlannedLink } from "../preserve-plan.ts";

export function placeOf({ path, containing }: DeclaredReference): LinkPlace {
  if (path !== undefined) return { kind: "document", path };
  return containing === undefined ? { kind: "value" } : { kind: "text", containing };
}

/** Whether the reference is as a foreign key of one column is: every value of it refers, as it stands. */
export function isPlain(reference: DeclaredReference, child: Column, parent: Column): boolean {
  const place = placeOf(reference);
  // Columns of two collations do not compare; the values of links have the parent's.
  const comparable = isInteger(child) === isInteger(parent) && child.collation === parent.collation;
  return place.kind === "value" && reference.when === undefined && comparable;
}

/** @param value the parent's column as it is carried */
export function planLink(reference: DeclaredReference, parent: Column, value: PlannedColumn): PlannedLink {
  return { place: placeOf(reference), when: reference.when ?? null, value, holds: holdingOf(parent) };
}

function holdingOf(parent: Column): PlannedLink["holds"] {
  if (!isInteger(parent)) return { characters: parent.maxCharacters ?? 0 };
  const highest = highestInteger(parent);
  const lowest = /\bunsigned\b/i.test(parent.columnType) ? 0n : -highest - 1n;
  return { lowest: String(lowest), highest: String(highest) };
}

export type Family = "integer" | "text" | "bytes" | "document" | "other";

/** Types that hold the same values for our purposes. */
export function familyOf(column: Column): Family {
  if (isInteger(column)) return "integer";
  if (column.dataType === "json") return "document";
  if (/^(?:var)?char$|text$/.test(column.dataType)) return "text";
  return /binary$|blob$/.test(column.dataType) ? "bytes" : "other";
}

/** Why values at the reference's place cannot be the parent's, as a clause; undefined where they can. */
export function misfit(reference: DeclaredReference, child: Column, parent: Column): string | undefined {
  const [from, to] = [familyOf(child), familyOf(parent)];
  const place = placeOf(reference);
  const types = `\`${child.columnType}\` and \`${parent.columnType}\` are not types of one value`;
  if (place.kind === "value") {
    const fits = from === to || (from === "text" && to === "integer");
    return fits && from !== "document" && (from !== "other" || child.dataType === parent.dataType) ? undefined : types;
  }
  if (to !== "integer" && to !== "text")
    return `ids of the type \`${parent.columnType}\` are not looked for in documents and texts`;
  if (from === "text" || (from === "document" && place.kind === "document")) return undefined;
  return place.kind === "document"
    ? `\`${child.columnType}\` holds no documents`
    : `\`${child.columnType}\` holds no text`;
}
