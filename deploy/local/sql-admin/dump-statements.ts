// A dump's statements one by one, whole, as the mysql client reads them.
import { Cursor, type Steps } from "../../../handlers/dump/cursor.ts";
import { StatementScanner } from "../../../handlers/dump/scanner.ts";
import { effectOf, type StatementEffect } from "./statement-effect.ts";

export interface DumpStatement {
  /** Without its delimiter. Its bytes read as latin1: a character for each, whatever they mean. */
  readonly source: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly effect: StatementEffect;
}

const DELIMITER_LINE = /^delimiter[ \t]+(\S+)[ \t\r]*$/i;
const LONGEST_DELIMITER_LINE_BYTES = 100;
/** Enough to tell what begins. */
const LOOK_AHEAD_BYTES = "delimiter ".length;
/** Versioned ones are statements, but for MariaDB's sandbox line, which is for its own client. */
const COMMENT = /^\/\*(?!M?!(?!999999))/i;

/**
 * Yields the statements of a dump that arrives in pieces. Holds one at a time in memory.
 *
 * @throws Error for one that is cut off, or that has a command of the client's in it, and what `dump` throws.
 */
export async function* dumpStatements(dump: AsyncIterable<Uint8Array>): AsyncGenerator<DumpStatement, void, undefined> {
  const cursor = new Cursor({ offset: 0, line: 1 });
  const reading = read(cursor);
  for await (const chunk of dump) {
    cursor.add(chunk);
    yield* whatIsThere(reading);
  }
  cursor.ended = true;
  yield* whatIsThere(reading);
}

type Reading = Generator<DumpStatement | undefined, void, undefined>;

/** Up to where more bytes are needed. */
function* whatIsThere(reading: Reading): Generator<DumpStatement, void, undefined> {
  for (let step = reading.next(); step.value; step = reading.next()) yield step.value;
}

/** Yields undefined where it needs more bytes. */
function* read(cursor: Cursor): Reading {
  let scanner = new StatementScanner(";");
  let delimiter = ";";
  let backslashEscapes = true;
  while (yield* passBetween(cursor)) {
    const set = yield* readDelimiter(cursor);
    if (set !== undefined) {
      delimiter = set;
      scanner = new StatementScanner(delimiter);
      continue;
    }
    const { line } = cursor.place;
    scanner.begin(backslashEscapes);
    const source = (yield* readStatement(cursor, scanner)).slice(0, -delimiter.length);
    const effect = effectOf(source, backslashEscapes);
    if (effect.on === "session") backslashEscapes = effect.backslashEscapes ?? backslashEscapes;
    yield { source, line, effect };
  }
}

/** Passes over blanks and comments; false at the end of the dump. */
function* passBetween(cursor: Cursor): Steps<boolean> {
  for (;;) {
    yield* cursor.need(LOOK_AHEAD_BYTES);
    if (cursor.left === 0) return false;
    if (cursor.window[cursor.at]! <= 0x20) cursor.moveTo(cursor.at + 1);
    else if (cursor.startsWith("--") || cursor.startsWith("#")) yield* passTo(cursor, "\n");
    else if (COMMENT.test(cursor.text(LOOK_AHEAD_BYTES))) yield* passTo(cursor, "*/");
    else return true;
  }
}

function* passTo(cursor: Cursor, end: string): Steps<void> {
  for (;;) {
    const found = cursor.window.indexOf(end, cursor.at, "latin1");
    cursor.moveTo(found === -1 ? Math.max(cursor.at, cursor.window.length - end.length + 1) : found + end.length);
    if (found !== -1) return;
    if (cursor.ended) return cursor.moveTo(cursor.window.length);
    yield;
  }
}

/** `DELIMITER ;;` is the client's: what ends statements from there on. Undefined for a statement. */
function* readDelimiter(cursor: Cursor): Steps<string | undefined> {
  if (!cursor.startsWith("delimiter ")) return undefined;
  yield* cursor.need(LONGEST_DELIMITER_LINE_BYTES);
  const line = cursor.text(LONGEST_DELIMITER_LINE_BYTES).split("\n", 1)[0] ?? "";
  const delimiter = DELIMITER_LINE.exec(line)?.[1];
  if (delimiter !== undefined) cursor.moveTo(cursor.at + line.length);
  return delimiter;
}

/** Reads on to the delimiter, and returns what stands there with it. */
function* readStatement(cursor: Cursor, scanner: StatementScanner): Steps<string> {
  const pieces: string[] = [];
  for (;;) {
    const to = scanner.scan(cursor.window, cursor.at, cursor.ended);
    pieces.push(cursor.window.toString("latin1", cursor.at, to));
    cursor.moveTo(to);
    if (scanner.ended) return pieces.join("");
    if (scanner.sawClientCommand || cursor.ended) throw new Error("A statement of the dump has no end.");
    yield;
  }
}
