// The statements of an SQL file that somebody wrote, as the mysql client would read them.
import { StatementScanner } from "./scanner.ts";
import { tokenize } from "./tokens.ts";

export interface SplitStatement {
  readonly sql: string;
  /** The file's line that it begins in, from 1. */
  readonly line: number;
  /** Its first word in upper case: `UPDATE`. */
  readonly verb: string;
}

const DELIMITER_LINE_BYTES = 100;
const DELIMITER_LINE = /^delimiter[ \t]+(\S+)[ \t]*(?:\r?\n|$)/i;

/** Splits at `;`, or at what a DELIMITER line says. What is nothing but comments is left out. */
export function splitStatements(file: string): SplitStatement[] {
  const bytes = Buffer.from(file, "utf8");
  const statements: SplitStatement[] = [];
  let delimiter = ";";
  let line = 1;
  let counted = 0;
  for (let at = 0; at < bytes.length;) {
    const begin = afterBlanks(bytes, at);
    const words = afterComments(bytes, begin);
    const command = DELIMITER_LINE.exec(bytes.toString("latin1", words, words + DELIMITER_LINE_BYTES));
    if (command) {
      delimiter = command[1] ?? delimiter;
      at = words + command[0].length;
      continue;
    }
    const scanner = new StatementScanner(delimiter);
    scanner.begin(true);
    const end = scanner.scan(bytes, begin, true);
    // Without an end, or with a command of the client's in it, the server has the last word on what is left.
    const [upTo, next] = scanner.ended ? [end - Buffer.byteLength(delimiter), end] : [bytes.length, bytes.length];
    const source = bytes.toString("latin1", begin, upTo);
    const [first] = tokenize(source);
    if (first) {
      line += newlines(bytes, counted, begin + first.start);
      counted = begin + first.start;
      statements.push({ sql: bytes.toString("utf8", begin, upTo), line, verb: first.keyword || "statement" });
    }
    at = next;
  }
  return statements;
}

function afterBlanks(bytes: Buffer, at: number): number {
  let begin = at;
  while (begin < bytes.length && bytes[begin]! <= 0x20) begin++;
  return begin;
}

/** Behind blanks and comments; a versioned comment is none. */
function afterComments(bytes: Buffer, at: number): number {
  const begin = afterBlanks(bytes, at);
  const end = /^(?:#|--(?![^\0- ]))/.test(bytes.toString("latin1", begin, begin + 3))
    ? "\n"
    : /^\/\*(?!M?!)/.test(bytes.toString("latin1", begin, begin + 4))
      ? "*/"
      : undefined;
  const found = end === undefined ? -1 : bytes.indexOf(end, begin, "latin1");
  return end === undefined || found === -1 ? begin : afterComments(bytes, found + end.length);
}

function newlines(bytes: Buffer, from: number, to: number): number {
  return bytes.toString("latin1", from, to).split("\n").length - 1;
}
