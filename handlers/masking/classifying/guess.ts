// A column's meaning by all that is known of it: name, comment, type, keys, and values where they were looked at.
import type { Column, Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { isMostly, type Evidence } from "./evidence.ts";
import { guessByName } from "./guess-by-name.ts";
import { foundIn, guessByValues } from "./guess-by-values.ts";
import type { Guess, Meaning } from "./meanings.ts";
import { isScratch } from "./scratch-tables.ts";
import { phraseOf } from "./words.ts";

const HARMLESS: Guess = { meaning: "harmless", sure: true, why: "tells of no one" };

/** Never undefined: what nothing is known of is `unknown`. */
export function guessColumn(table: Table, column: Column, evidence: Evidence): Guess {
  const key = guessKey(table, column, evidence);
  if (key) return key;
  const named = guessByName(table, column);
  switch (kindOf(column)) {
    case "text":
      return guessText(column, named, evidence);
    case "json":
      return { meaning: "document", sure: false, why: "name the paths that may stay" };
    case "bytes":
      if (named && ["secret", "ip", "uuid"].includes(named.meaning)) return named;
      return { meaning: "bytes", sure: false, why: "bytes that nobody looked into" };
    case "integer":
    case "decimal":
    case "float":
      return named ?? guessNumber(evidence) ?? HARMLESS;
    case "date":
    case "datetime":
      return named ?? HARMLESS;
    case "enum":
    case "set":
      return named?.meaning === "sensitive" ? named : HARMLESS;
    case "bit":
    case "time":
    case "year":
      return HARMLESS;
    case "other":
    default:
      if (column.dataType.startsWith("inet")) return { meaning: "ip", sure: true, why: "ip by its type" };
      if (column.dataType === "uuid") return { meaning: "uuid", sure: true, why: "uuid by its type" };
      return { meaning: "unknown", sure: false, why: `a \`${column.dataType}\`: whose?` };
  }
}

/** A random key says as little as a counted one. */
function guessKey(table: Table, column: Column, evidence: Evidence): Guess | undefined {
  const own = columnId(column.name);
  const isKey = table.keys.some(
    ({ unique, parts }) => unique && parts.length === 1 && columnId(parts[0]?.column ?? "") === own,
  );
  if (!isKey || isScratch(table) || !/(?:^| )(?:id|uuid|guid)$/.test(phraseOf(column.name))) return undefined;
  if (isMostly(evidence, evidence.shapes.uuid)) return { meaning: "harmless", sure: true, why: "a key of UUIDs" };
  const isUuid = column.dataType === "uuid" || /^(?:var)?char\((?:32|36)\)|^binary\(16\)/.test(column.columnType);
  return isUuid
    ? { meaning: "harmless", sure: evidence.values === 0 && column.dataType === "uuid", why: "a key: a random UUID?" }
    : undefined;
}

/** The meanings that a name tells better than values do. */
const FIRM: ReadonlySet<Meaning> = new Set([
  "secret",
  "email",
  "number",
  "phone",
  "postcode",
  "kana",
  "ip",
  "birth date",
]);

function guessText(column: Column, named: Guess | undefined, evidence: Evidence): Guess {
  const valued = guessByValues(evidence);
  if (!named || named.meaning === "unknown") return valued ?? unknownText(evidence);
  if (named.meaning === "harmless") return guessKept(column, named, valued, evidence);
  if (!valued || FIRM.has(named.meaning)) return named;
  if (valued.meaning === "free text" || valued.meaning === "url" || valued.meaning === "kana") return named;
  return valued;
}

/** What a name would keep is kept only where no value speaks against it. */
function guessKept(column: Column, named: Guess, valued: Guess | undefined, evidence: Evidence): Guess {
  if (valued && !["free text", "uuid", "url", "kana"].includes(valued.meaning)) return valued;
  const found = foundIn(evidence);
  if (found !== undefined) return { meaning: "free text", sure: true, why: found };
  if ((column.maxCharacters ?? 0) > LONGEST_KEPT) return { meaning: "free text", sure: false, why: "long text" };
  return named;
}

/** A name, a state or a code is shorter; what is longer may say anything. */
const LONGEST_KEPT = 255;

function unknownText(evidence: Evidence): Guess {
  const found = foundIn(evidence);
  if (found !== undefined) return { meaning: "free text", sure: true, why: found };
  return { meaning: "unknown", sure: false, why: "what is it?" };
}

function guessNumber(evidence: Evidence): Guess | undefined {
  const valued = guessByValues(evidence);
  return valued?.meaning === "phone" || valued?.meaning === "number" ? valued : undefined;
}
