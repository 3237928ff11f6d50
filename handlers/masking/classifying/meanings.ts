// What a column may mean: the words that proposals, comments and tests share.
import type { Transform } from "../../../contracts/sync-contract.ts";

/** Personal data by what it is; `free text`, `document`, `bytes` and `unknown` may be anything. */
export type Meaning =
  | "secret"
  | "email"
  | "phone"
  | "number"
  | "ip"
  | "postcode"
  | "kana"
  | "username"
  | "first name"
  | "last name"
  | "name"
  | "company"
  | "city"
  | "address"
  | "url"
  | "uuid"
  | "birth date"
  | "amount"
  | "age"
  | "place"
  | "sensitive"
  | "free text"
  | "document"
  | "bytes"
  /** Of another system, or printed on paper: it leads to someone. */
  | "identifier"
  | "unknown"
  /** Tells of no one: may be kept. */
  | "harmless";

/** A guess at a column's meaning. */
export interface Guess {
  readonly meaning: Meaning;
  readonly sure: boolean;
  /** A few words for whoever reviews it; never a value, nor a comment's text. */
  readonly why: string;
}

/** What is proposed for a column. */
export interface Proposal {
  readonly transform: Transform;
  readonly sure: boolean;
  /** As a Guess has it. */
  readonly why: string;
}
