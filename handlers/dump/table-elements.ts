// What stands between the commas of a CREATE TABLE: columns, keys, foreign keys, checks. Read from its tokens.
import { isName, nameOf, type Token } from "./tokens.ts";

/** A part of the table's definition. */
export interface TableElement {
  /** `key` and `unique` are secondary keys over plain columns; `other` is all that must stay where it is. */
  readonly kind: "column" | "key" | "unique" | "foreign" | "primary" | "other";
  /** The column's own name; a key's columns in its order; a foreign key's on its own side. Not in quotes. */
  readonly columns: readonly string[];
  /** Of a foreign key alone. */
  readonly parent: { readonly table: string; readonly columns: readonly string[] } | undefined;
  /** An AUTO_INCREMENT column. */
  readonly counts: boolean;
  /** The index of the comma before it, or of the opening parenthesis. */
  readonly separator: number;
  /** Its source, with the comments in it. */
  readonly start: number;
  readonly end: number;
}

export interface TableDefinition {
  readonly table: Token;
  readonly elements: readonly TableElement[];
  /** It, or a foreign key's other end, is named with its database. */
  readonly qualified: boolean;
  /** What stands behind the closing parenthesis: engine, partitions. */
  readonly options: readonly Token[];
}

/** Reads a CREATE TABLE; undefined for one without definitions, such as CREATE TABLE … LIKE. */
export function readTable(source: string, tokens: readonly Token[]): TableDefinition | undefined {
  const opening = tokens.findIndex(({ source: text }) => text === "(");
  const table = tokens[opening - 1];
  if (!isName(table)) return undefined;
  const elements: TableElement[] = [];
  let depth = 0;
  let own: Token[] = [];
  let separator = tokens[opening]!;
  for (const [at, token] of tokens.entries()) {
    if (at < opening) continue;
    const ends = depth === 1 && (token.source === "," || token.source === ")");
    if (ends) {
      elements.push(elementOf(source, own, separator, token));
      own = [];
      separator = token;
    } else if (depth > 0) own.push(token);
    if (token.source === "(") depth++;
    if (token.source === ")") depth--;
    if (depth === 0) return { table, elements, qualified: isQualified(tokens, opening), options: tokens.slice(at + 1) };
  }
  return undefined;
}

function isQualified(tokens: readonly Token[], opening: number): boolean {
  const dots = [opening - 2, ...tokens.flatMap(({ keyword }, at) => (keyword === "REFERENCES" ? at + 2 : []))];
  return dots.some((at) => tokens[at]?.source === ".");
}

function elementOf(source: string, tokens: readonly Token[], from: Token, to: Token): TableElement {
  const text = source.slice(from.end, to.start);
  const place = {
    separator: from.start,
    start: from.end + (text.length - text.trimStart().length),
    end: to.start - (text.length - text.trimEnd().length),
  };
  return { ...place, ...meaningOf(tokens) };
}

type Meaning = Omit<TableElement, "separator" | "start" | "end">;
const OTHER: Meaning = { kind: "other", columns: [], parent: undefined, counts: false };

function meaningOf(tokens: readonly Token[]): Meaning {
  const [first] = tokens;
  // Servers of other versions do not see what is in a versioned comment.
  if (!first || first.versioned) return OTHER;
  const at = first.keyword === "CONSTRAINT" ? 2 : 0;
  switch (tokens[at]?.keyword ?? "") {
    case "FOREIGN":
      return foreignKey(tokens);
    case "PRIMARY":
      return { ...OTHER, kind: "primary", columns: columnsIn(tokens, 0) ?? [] };
    case "UNIQUE":
      return secondaryKey("unique", tokens, ["KEY", "INDEX"].includes(tokens[at + 1]?.keyword ?? "") ? at + 2 : at + 1);
    case "KEY":
    case "INDEX":
      return secondaryKey("key", tokens, at + 1);
    case "CHECK":
    case "FULLTEXT":
    case "PERIOD":
    case "SPATIAL":
      return OTHER;
    default:
      if (at > 0 || !isName(first)) return OTHER;
      return {
        ...{ kind: "column", columns: [nameOf(first)], parent: undefined },
        counts: tokens.some(({ keyword }) => keyword === "AUTO_INCREMENT"),
      };
  }
}

/** A key over an expression stays: ALTER TABLE would copy the whole table for the hidden column that it needs. */
function secondaryKey(kind: "key" | "unique", tokens: readonly Token[], nameAt: number): Meaning {
  const columns = columnsIn(tokens, nameAt);
  return isName(tokens[nameAt]) && columns ? { ...OTHER, kind, columns } : OTHER;
}

function foreignKey(tokens: readonly Token[]): Meaning {
  const references = tokens.findIndex(({ keyword }) => keyword === "REFERENCES");
  const columns = columnsIn(tokens, 0);
  const parentColumns = columnsIn(tokens, references);
  const table = tokens[tokens[references + 2]?.source === "." ? references + 3 : references + 1];
  if (references === -1 || !columns || !parentColumns || !isName(table)) return OTHER;
  return { ...OTHER, kind: "foreign", columns, parent: { table: nameOf(table), columns: parentColumns } };
}

/** The columns in the first parentheses from `from` on, `` (`a`,`b`(10) DESC) ``; undefined where one is an expression. */
function columnsIn(tokens: readonly Token[], from: number): string[] | undefined {
  const columns: string[] = [];
  let at = tokens.findIndex(({ source }, index) => index >= from && source === "(");
  if (at === -1) return undefined;
  do {
    const name = tokens[++at];
    if (!isName(name)) return undefined;
    columns.push(nameOf(name));
    at++;
    if (tokens[at]?.source === "(" && tokens[at + 2]?.source === ")") at += 3; // a prefix
    if (["ASC", "DESC"].includes(tokens[at]?.keyword ?? "")) at++;
  } while (tokens[at]?.source === ",");
  return tokens[at]?.source === ")" ? columns : undefined;
}
