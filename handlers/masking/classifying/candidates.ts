// The transforms that suit a meaning, the best first. The first that the column may have is proposed.
import type { Transform } from "../../../contracts/sync-contract.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { primaryKey } from "../../mysql/schema.ts";
import { columnId } from "../column-kind.ts";
import { parentsOf } from "../foreign-keys.ts";
import { isAboutPeople } from "./guess-by-name.ts";
import type { Meaning } from "./meanings.ts";

export interface Place {
  readonly schema: Schema;
  readonly table: Table;
  readonly column: Column;
  readonly isJapanese: boolean;
  /** The column whose name a reading belongs to. */
  readonly readingOf: string | undefined;
}

/** Where nothing better fits. `permute` keeps the values, though not whose they are: it is for what must stay distinct. */
const ANYWHERE: readonly Transform[] = [{ name: "redact" }, { name: "hash" }, { name: "null" }, { name: "permute" }];

export function candidates(meaning: Meaning, place: Place): Transform[] {
  return [...best(meaning, place), ...ANYWHERE];
}

function best(meaning: Meaning, place: Place): Transform[] {
  const { column, isJapanese, readingOf } = place;
  const localized = (
    name: "name" | "first_name" | "last_name" | "company" | "address" | "city" | "postcode",
  ): Transform[] =>
    isJapanese
      ? [
          { name, locale: "ja" },
          { name, locale: "en" },
        ]
      : [{ name, locale: "en" }];
  switch (meaning) {
    case "harmless":
      return [{ name: "keep" }];
    case "email":
    case "username":
    case "ip":
    case "url":
    case "uuid":
      return [{ name: meaning }, { name: "hash" }];
    case "phone":
      return [{ name: "phone" }, { name: "digits" }, { name: "hash" }];
    case "number":
      return [{ name: "digits" }, { name: "hash" }];
    case "secret":
    case "identifier":
      return [{ name: "hash" }];
    case "name":
    case "company":
    case "address":
    case "city":
    case "postcode":
      return [...localized(meaning), { name: "hash" }];
    case "first name":
      return [...localized("first_name"), { name: "hash" }];
    case "last name":
      return [...localized("last_name"), { name: "hash" }];
    case "kana":
      return [
        ...(readingOf === undefined ? [] : [{ name: "kana", locale: "ja", of: readingOf } as const]),
        { name: "kana", locale: "ja" },
      ];
    case "birth date":
      return birthDate(place);
    case "amount":
    case "age":
      return [{ name: "noise", percent: 10 }];
    case "free text":
      return [{ name: "text" }];
    case "document":
      return column.dataType === "json"
        ? [{ name: "json", paths: {} }]
        : [{ name: "null" }, { name: "fixed", value: "{}" }];
    case "bytes":
      return [{ name: "blob" }];
    case "place":
    case "sensitive":
    case "unknown":
      return (column.maxCharacters ?? 0) > 255 ? [{ name: "text" }] : [];
  }
}

/** One person's dates shift alike: by the key of a table of people, or by the reference to one. */
function birthDate({ schema, table }: Place): Transform[] {
  const [own, ...more] = primaryKey(table);
  const person = isAboutPeople(table)
    ? undefined
    : table.columns.find((other) => parentsOf(schema, table, other).some((parent) => isAboutPeople(parent.table)));
  const by = person?.name ?? (more.length === 0 ? own : undefined);
  const isComputed = table.columns.some(({ name, generated }) => generated && columnId(name) === columnId(by ?? ""));
  const shift = { name: "date_shift", days: 30 } as const;
  return by === undefined || isComputed ? [shift] : [{ ...shift, by }, shift];
}
