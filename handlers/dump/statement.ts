// One statement of a dump that is not an INSERT, as the rewriters in statements.ts see it.
import type { Place } from "./cursor.ts";
import { nameOf, type Token, tokenize } from "./tokens.ts";

export interface Statement {
  /** Without its delimiter; the dump's bytes read as latin1. */
  readonly source: string;
  readonly tokens: readonly Token[];
  /** For an operator and for choosing a rewriter: `CREATE TABLE`, `USE`, `SET`; made of keywords, never of names or values. */
  readonly kind: string;
  /** Where it begins. */
  readonly place: Place;
}

/** Replaces the source between two indices. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What is created, altered or dropped: the first of these words in the statement's head. */
const OBJECTS = new Set(
  "DATABASE EVENT FUNCTION INDEX LOGFILE PACKAGE PROCEDURE ROLE SCHEMA SEQUENCE SERVER TABLE TABLESPACE TRIGGER USER VIEW".split(
    " ",
  ),
);
const WITH_OBJECT = new Set(["ALTER", "CREATE", "DROP"]);
/** `CREATE OR REPLACE ALGORITHM = … DEFINER = user @ host SQL SECURITY … VIEW` is the longest head: 16 tokens. */
const HEAD_TOKENS = 20;

export function readStatement(source: string, place: Place, backslashEscapes: boolean): Statement {
  const tokens = [...tokenize(source, backslashEscapes)];
  return { source, tokens, kind: kindOf(tokens), place };
}

/** The table's name in the tokens of a CREATE TABLE. */
export function createdTable(tokens: readonly Token[]): string {
  let at = tokens.findIndex(({ keyword }) => keyword === "TABLE") + 1;
  while (["IF", "NOT", "EXISTS"].includes(tokens[at]?.keyword ?? "")) at++;
  if (tokens[at + 1]?.source === ".") at += 2;
  const name = tokens[at];
  return name ? nameOf(name) : "";
}

/** Where a token of the statement stands in the dump. */
export function placeOf({ place, source }: Statement, token: Token): Place {
  const before = source.slice(0, token.start);
  return { offset: place.offset + token.start, line: place.line + before.split("\n").length - 1 };
}

/** The source with edits made; they may come in any order and do not overlap. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let text = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    text += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + source.slice(at);
}

function kindOf(tokens: readonly Token[]): string {
  const verb = tokens[0]?.keyword ?? "";
  if (!WITH_OBJECT.has(verb)) return verb;
  const object = tokens.slice(1, HEAD_TOKENS).find(({ keyword }) => OBJECTS.has(keyword));
  return object ? `${verb} ${object.keyword}` : verb;
}
