// The values by which one column of a row refers, and the column with other values in their places.
import type { SqlValue } from "../../../contracts/platform.ts";
import { parsePath } from "../../masking/documents/paths.ts";
import type { PlannedLink } from "../preserve-plan.ts";
import { jsonPlaces } from "./json-places.ts";

/** A value in a column; `start` and `end` as indexes into the column's text. */
interface Place {
  readonly start: number;
  readonly end: number;
  /** As the parent's column would have it; null for what cannot stand there, so that it refers to no row. */
  readonly id: SqlValue | bigint;
  /** What stands in its place when the id is another. */
  write(id: string | null): string;
}

/**
 * The places of the reference in the column's value; none where it is NULL or the reference's condition is not true.
 *
 * @param when the value of the condition's column
 * @returns undefined for a text that is no document
 */
export function placesIn(link: PlannedLink, value: SqlValue, when: SqlValue): Place[] | undefined {
  if (value === null || !applies(link, when)) return [];
  const { place } = link;
  const text = textOf(value);
  if (place.kind === "value")
    return isNone(link, text) ? [] : [{ start: 0, end: 0, id: idOf(link, value), write: (id) => id ?? "" }];
  if (place.kind === "text")
    return [...text.matchAll(patternOf(link, place.containing))].map((found) => idInText(link, found));
  const places = jsonPlaces(text, parsePath(place.path) ?? []);
  return places
    ?.filter(({ value: id }) => !isNone(link, id))
    .map(({ start, end, value: id, isText }) => ({
      start,
      end,
      id: idOf(link, id),
      write: (moved) => (moved === null ? "null" : isText ? JSON.stringify(moved) : moved),
    }));
}

/** Compared as text, exactly: what a program would do. */
function applies({ when }: PlannedLink, value: SqlValue): boolean {
  return when === null || (value !== null && when.values.includes(textOf(value)));
}

function textOf(value: SqlValue): string {
  return Buffer.isBuffer(value) ? value.toString() : String(value);
}

/** Nothing where a number is expected; a text that is empty may be a row's key. */
function isNone({ value: { integer } }: PlannedLink, text: string): boolean {
  return integer && text === "";
}

/** An integer only as servers write it: neither `1.0` nor `01`. */
function idOf({ holds, value: { integer } }: PlannedLink, value: SqlValue): SqlValue | bigint {
  if ("characters" in holds) {
    return typeof value === "string" && holds.characters > 0 && Array.from(value).length > holds.characters
      ? null
      : value;
  }
  if (!integer || !/^(?:0|-?[1-9]\d*)$/.test(textOf(value))) return null;
  const id = BigInt(textOf(value));
  return id >= BigInt(holds.lowest) && id <= BigInt(holds.highest) ? id : null;
}

function idInText(link: PlannedLink, { 0: written, index }: RegExpExecArray): Place {
  return { start: index, end: index + written.length, id: idOf(link, written), write: (id) => id ?? "" };
}

/** What stands around the id does not belong to the match: two may share it. Where nothing does, the id is not cut off. */
function patternOf({ value: { integer } }: PlannedLink, containing: string): RegExp {
  const [before = "", after = ""] = containing
    .split("{id}")
    .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const letter = integer ? "\\d" : "[\\p{L}\\p{N}_-]";
  const begin = before === "" ? `(?<!${letter})` : `(?<=${before})`;
  const end = after === "" ? `(?!${letter})` : `(?=${after})`;
  return new RegExp(`${begin}${letter}+${end}`, "gu");
}
