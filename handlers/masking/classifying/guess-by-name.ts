// A column's meaning by its name, its comment and its table's name: no values are looked at.
import type { Column, Table } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { COMPANY, NAME_RULES, PERSON, REFERENCE } from "./english-names.ts";
import { JAPANESE, JAPANESE_PERSONS, JAPANESE_RULES, THING_NAMES } from "./japanese-names.ts";
import type { Guess, Meaning } from "./meanings.ts";
import { phraseOf, withoutVariant } from "./words.ts";

/** By its name, else by its comment; undefined where neither tells anything. */
export function guessByName(table: Table, column: Column): Guess | undefined {
  const phrase = phraseOf(column.name);
  return (
    ownName(table, column, phrase) ??
    generic(table, column, withoutVariant(phrase)) ??
    byJapaneseName(column) ??
    byComment(table, column)
  );
}

/** What the table is about: its last word, without prefixes, numbers and the plural. */
export function subjectOf({ name }: Pick<Table, "name">): string {
  const phrase = phraseOf(name)
    .replace(/^(?:tbl|t|m|mst|trn|tb|wp|app) /, "")
    .replace(/(?: \d+)+$/, "");
  return phrase
    .replace(/ (?:master|mst|table|tbl|data|list|info|archive|history|old|tmp|backup)$/, "")
    .replace(/ies$/, "y")
    .replace(/(ss|sh|ch|x)es$/, "$1")
    .replace(/([^s])s$/, "$1");
}

/** A table whose rows are people. */
export function isAboutPeople(table: Table): boolean {
  return PERSON.head.test(subjectOf(table)) || JAPANESE_PERSONS.test(`${table.name} ${table.comment ?? ""}`);
}

function ownName(table: Table, column: Column, phrase: string): Guess | undefined {
  const plain = withoutVariant(phrase);
  const rule = NAME_RULES.find((each) => each[each.as].test(phrase) || each[each.as].test(plain));
  if (!rule || !isFor(rule.meaning, rule.head.test(plain), column)) return undefined;
  if (plain === "slug" && isAboutPeople(table)) return guess("username", true);
  return guess(rule.meaning, rule.sure);
}

/** Numbers and dates are named after what they are about, too: `email_count`, `phone_verified_at`. */
function isFor(meaning: Meaning, isLast: boolean, column: Column): boolean {
  const kind = kindOf(column);
  if (kind === "date" || kind === "datetime") return meaning === "birth date" && isLast;
  if (kind === "time" || kind === "year" || kind === "bit") return false;
  if (kind !== "integer" && kind !== "decimal" && kind !== "float") return true;
  if (column.columnType.startsWith("tinyint(1)")) return false;
  return meaning === "amount" || meaning === "age" || (NUMERIC.has(meaning) && isLast);
}

const NUMERIC: ReadonlySet<Meaning> = new Set([
  "phone",
  "number",
  "ip",
  "postcode",
  "amount",
  "age",
  "place",
  "secret",
]);

/** `name`, `code` and the like mean what the table is about. */
function generic(table: Table, column: Column, phrase: string): Guess | undefined {
  if (kindOf(column) !== "text") return undefined;
  const subject = subjectOf(table);
  if (/^(?:code|iso(?: code)?|symbol|abbreviation)$/.test(phrase) && REFERENCE.head.test(subject)) {
    return guess("harmless", /(?:country|currency|language|region|prefecture)$/.test(subject));
  }
  if (/(?:^| )(?:id|ids|ref|reference|number|no|num|code|key|bango|extension)$/.test(phrase)) {
    return { meaning: "identifier", sure: false, why: "whose identifier?" };
  }
  if (!/(?:^| )(?:name|names|label)$/.test(phrase)) return undefined;
  if (/^(?:name|names)$/.test(phrase)) {
    if (isAboutPeople(table)) return guess("name", true);
    if (COMPANY.head.test(subject)) return guess("company", true);
  }
  const thing = phrase.replace(/ ?(?:name|names|label)$/, "");
  if (REFERENCE.head.test(thing === "" ? subject : thing)) {
    return { meaning: "harmless", sure: false, why: "a name that everybody may see?" };
  }
  return undefined;
}

function byJapaneseName(column: Column): Guess | undefined {
  if (!JAPANESE.test(column.name)) return undefined;
  const found = japanese(column.name.normalize("NFKC"), "by its name");
  return found && isFor(found.meaning, true, column) ? found : undefined;
}

function byComment(table: Table, column: Column): Guess | undefined {
  const comment = commentOf(column);
  if (comment === "") return undefined;
  if (JAPANESE.test(comment)) {
    const found = japanese(comment, "by its comment");
    return found && isFor(found.meaning, true, column) ? found : undefined;
  }
  const phrase = phraseOf(comment);
  if (phrase.split(" ").length > 4) return undefined;
  const found = ownName(table, column, phrase);
  return found && found.meaning !== "harmless"
    ? { ...found, sure: false, why: `${found.why} by its comment?` }
    : undefined;
}

/** What it says first: `氏名（カナ）`. The rest explains: `例: …`. */
export function commentOf(column: Column): string {
  return (
    column.comment
      .normalize("NFKC")
      .split(/[:;,、。\n]/)[0]
      ?.trim() ?? ""
  );
}

function japanese(text: string, by: string): Guess | undefined {
  if (THING_NAMES.test(text)) return { meaning: "harmless", sure: false, why: "a thing's name?" };
  const found = JAPANESE_RULES.find(([, form]) => form.test(text))?.[0];
  return found && { meaning: found, sure: true, why: `${found} ${by}` };
}

function guess(meaning: Meaning, sure: boolean): Guess {
  return { meaning, sure, why: sure ? `${meaning} by its name` : meaning === "harmless" ? "personal?" : meaning };
}
