// Finds where a statement ends, as the mysql client does that loads the dump: at the delimiter, outside of quotes and comments.
// https://dev.mysql.com/doc/refman/8.4/en/mysql-commands.html, `DELIMITER`; the client's source, `add_line()`.
import { skipRows } from "./skip-rows.ts";

const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const QUOTE = 0x27;
const DASH = 0x2d;
const BACKSLASH = 0x5c;
const BACKTICK = 0x60;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const STAR = 0x2a;
const BANG = 0x21;
const CAPITAL_M = 0x4d;

/** Nothing that the scanner tells apart by looking ahead is longer, except a delimiter. */
const LOOK_AHEAD_BYTES = 4;

/** With fewer bytes it takes longer to begin than to look at each. */
const WORTH_SKIPPING_BYTES = 64;

type Inside = "sql" | "quotes" | "line comment" | "block comment";

export class StatementScanner {
  /** The delimiter was reached; what `scan` returned is the index behind it. */
  ended = false;
  /** A backslash stands outside of quotes: the client would take it for a command of its own, such as `\u`. */
  sawClientCommand = false;
  #inside: Inside = "sql";
  #quote = 0;
  #delimiter: Buffer;
  #backslashEscapes = true;
  /** 1 for the bytes that plain SQL cannot be skipped over: a table look-up is the fastest test that V8 offers. */
  readonly #special = new Uint8Array(256);

  /** @param delimiter what ends statements; `;` until a DELIMITER line sets another. */
  constructor(delimiter: string) {
    this.#delimiter = Buffer.from(delimiter, "latin1");
    for (const byte of [HASH, QUOTE, DASH, SLASH, BACKSLASH, DOUBLE_QUOTE, BACKTICK, this.#delimiter[0]]) {
      if (byte !== undefined) this.#special[byte] = 1;
    }
  }

  /**
   * Begins a statement.
   *
   * @param backslashEscapes false while the dump's session has sql_mode NO_BACKSLASH_ESCAPES. mysqldump sets that for the
   * bodies of stored objects alone: it writes rows with backslash escapes, and with an sql_mode to match.
   */
  begin(backslashEscapes: boolean): void {
    this.ended = false;
    this.sawClientCommand = false;
    this.#inside = "sql";
    this.#backslashEscapes = backslashEscapes;
  }

  /**
   * Looks at `bytes` from index `at`.
   *
   * @param last there is no input after these bytes.
   * @returns the index up to which it has looked: the next call goes on from there. Less than the length only where more
   * bytes are needed to tell what comes, or when `ended` or `sawClientCommand` has become true.
   */
  scan(bytes: Buffer, at: number, last: boolean): number {
    while (at < bytes.length) {
      const before = at;
      at = this.#skipRows(bytes, at);
      if (this.#inside === "quotes") at = this.#skipQuoted(bytes, at);
      else if (this.#inside === "line comment") at = this.#skipComment(bytes, at, "\n");
      else if (this.#inside === "block comment") at = this.#skipComment(bytes, at, "*/");
      else at = this.#skipSql(bytes, at, last);
      if (this.ended || this.sawClientCommand || at === before) return at;
    }
    return at;
  }

  /** Most of the way in rows, where there are some; what they end with, and what is none, is left to the others. */
  #skipRows(bytes: Buffer, at: number): number {
    if (bytes.length - at < WORTH_SKIPPING_BYTES) return at;
    if (!this.#backslashEscapes || this.#delimiter[0] !== SEMICOLON) return at;
    const quoted = this.#inside === "quotes" && this.#quote === QUOTE;
    if (this.#inside !== "sql" && !quoted) return at;
    const skipped = skipRows(bytes, at, quoted);
    this.#inside = skipped.quoted ? "quotes" : "sql";
    this.#quote = QUOTE;
    return skipped.at;
  }

  #skipSql(bytes: Buffer, at: number, last: boolean): number {
    const special = this.#special;
    while (at < bytes.length && special[bytes[at]!] === 0) at++;
    if (at === bytes.length) return at;
    const lookAhead = Math.max(LOOK_AHEAD_BYTES, this.#delimiter.length);
    const byte = bytes[at];
    if (byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK) {
      this.#inside = "quotes";
      this.#quote = byte!;
      return at + 1;
    }
    if (bytes.length - at < lookAhead && !last) return at;
    if (this.#isDelimiter(bytes, at)) {
      this.ended = true;
      return at + this.#delimiter.length;
    }
    if (byte === BACKSLASH) {
      this.sawClientCommand = true;
      return at;
    }
    if (byte === HASH || (byte === DASH && bytes[at + 1] === DASH && !((bytes[at + 2] ?? 0) > 0x20))) {
      this.#inside = "line comment";
      return at + 1;
    }
    if (byte === SLASH && bytes[at + 1] === STAR && !isVersioned(bytes, at)) {
      this.#inside = "block comment";
      return at + 2;
    }
    return at + 1;
  }

  #isDelimiter(bytes: Buffer, at: number): boolean {
    const delimiter = this.#delimiter;
    for (let i = 0; i < delimiter.length; i++) if (bytes[at + i] !== delimiter[i]) return false;
    return true;
  }

  /** A doubled quote ends the string and begins the next at once, which comes to the same. */
  #skipQuoted(bytes: Buffer, at: number): number {
    const quote = this.#quote;
    const escape = this.#backslashEscapes && quote !== BACKTICK ? BACKSLASH : quote;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        this.#inside = "sql";
        return at + 1;
      }
      if (byte === escape) {
        if (at + 1 === bytes.length) return at;
        at++;
      }
    }
    return at;
  }

  #skipComment(bytes: Buffer, at: number, end: string): number {
    const found = bytes.indexOf(end, at, "latin1");
    if (found === -1) return Math.max(at, bytes.length - end.length + 1);
    this.#inside = "sql";
    return found + end.length;
  }
}

/** Versioned comments, as in `/*!50003 …`, hold SQL: only their opening and closing are comment. */
function isVersioned(bytes: Buffer, at: number): boolean {
  return bytes[at + 2] === BANG || (bytes[at + 2] === CAPITAL_M && bytes[at + 3] === BANG);
}
