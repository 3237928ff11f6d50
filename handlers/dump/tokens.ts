// The tokens of one statement. Its text is the dump's bytes read as latin1, so an index into it is a byte's.

export interface Token {
  /** `quoted` is a name in backticks; `text` a literal in single or double quotes; `variable` begins with `@`. */
  readonly kind: "word" | "quoted" | "text" | "variable" | "symbol";
  /** The source between `start` and `end`. */
  readonly source: string;
  readonly start: number;
  readonly end: number;
  /** A word in upper case, for comparing with keywords; empty for other kinds. */
  readonly keyword: string;
  /** It stands in a versioned comment, such as `/*!50003 …`, whose content servers of that version run. */
  readonly versioned: boolean;
}

const VERSIONED_OPENING = /\/\*M?!\d*/y;
/** Letters, digits, `_`, `$`, and the bytes of characters beyond ASCII: what a name may have without quotes. */
const WORD = /[\w$\x80-\xff]*/y;
const VARIABLE = /@[@\w$][\w$.]*/y;

/** Yields a statement's tokens; blanks and comments are left out, the content of versioned comments is not. */
export function* tokenize(source: string, backslashEscapes = true): Generator<Token, void, undefined> {
  let depth = 0;
  let at = 0;
  while (at < source.length) {
    const opening = openingAt(source, at);
    if (opening > 0) {
      depth++;
      at += opening;
    } else if (depth > 0 && source.startsWith("*/", at)) {
      depth--;
      at += 2;
    } else if (source.charCodeAt(at) <= 0x20) {
      at++;
    } else if (isLineComment(source, at)) {
      at = endOf(source, "\n", at);
    } else if (source.startsWith("/*", at)) {
      at = endOf(source, "*/", at + 2);
    } else {
      const token = tokenAt(source, at, backslashEscapes, depth > 0);
      yield token;
      at = token.end;
    }
  }
}

/** What a name stands for: without its quotes, and as UTF-8, which the names in a dump are written in. */
export function nameOf(token: Token): string {
  const bare =
    token.kind === "quoted" || token.kind === "text"
      ? token.source.slice(1, -1).replaceAll(token.source[0]!.repeat(2), token.source[0]!)
      : token.source;
  return Buffer.from(bare, "latin1").toString("utf8");
}

/** Names may be plain, in backticks, or (in sql_mode ANSI_QUOTES) in double quotes. */
export function isName(token: Token | undefined): token is Token {
  if (!token) return false;
  return token.kind === "word" || token.kind === "quoted" || token.source.startsWith('"');
}

function openingAt(source: string, at: number): number {
  return source[at] === "/" ? matchLength(VERSIONED_OPENING, source, at) : 0;
}

function isLineComment(source: string, at: number): boolean {
  return source[at] === "#" || (source.startsWith("--", at) && !((source.charCodeAt(at + 2) || 0) > 0x20));
}

function tokenAt(source: string, start: number, backslashEscapes: boolean, versioned: boolean): Token {
  const make = (kind: Token["kind"], end: number): Token => {
    const text = source.slice(start, end);
    return { kind, source: text, start, end, keyword: kind === "word" ? text.toUpperCase() : "", versioned };
  };
  const first = source[start]!;
  if (first === "`") return make("quoted", endOfQuoted(source, start, false));
  if (first === "'" || first === '"') return make("text", endOfQuoted(source, start, backslashEscapes));
  // An account's host in quotes, as in root@`%`, is a token of its own.
  const variable = first === "@" ? matchLength(VARIABLE, source, start) : 0;
  if (variable > 0) return make("variable", start + variable);
  const word = matchLength(WORD, source, start);
  return word > 0 ? make("word", start + word) : make("symbol", start + 1);
}

/** How many characters a sticky expression matches at an index. */
function matchLength(expression: RegExp, source: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(source) ? expression.lastIndex - at : 0;
}

function endOfQuoted(source: string, start: number, backslashEscapes: boolean): number {
  const quote = source[start];
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === "\\" && backslashEscapes) at++;
    else if (source[at] === quote && source[at + 1] === quote) at++;
    else if (source[at] === quote) return at + 1;
  }
  return source.length;
}

/** The index behind the next `mark`, or of the text's end. */
function endOf(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found === -1 ? source.length : found + mark.length;
}
