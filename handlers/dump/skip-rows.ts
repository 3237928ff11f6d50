// Skips the rows of an INSERT four bytes at a time: they are most of a dump, and in them only strings need to be told from SQL.
//
// A shift-based DFA: https://gist.github.com/pervognsen/218ea17743e1442e59bb60d29b1aa725. Of a byte, or of two in a row, a
// table has the state that follows each state, all packed into one number, and a state is the shift that brings its successor
// down. So a step is one look-up and one shift, without a branch, which data would have the processor mispredict: 0.25 ns a
// byte in place of 1.25.
import { endianness } from "node:os";

// Each is where its successor's five bits begin: six of them in 32 bits.
const SQL = 0;
/** In single quotes. A doubled quote ends the string and begins the next at once, which comes to the same. */
const QUOTED = 5;
/** In single quotes, behind a backslash. */
const ESCAPED = 10;
/** In SQL, behind what may be the first half of `--`. */
const DASH = 15;
/** In SQL, behind what may be the first half of a comment's opening. */
const SLASH = 20;
/** At something that is neither text nor number, such as the statement's end. It has no successor but itself. */
const LEAVE = 25;
const STATES = [SQL, QUOTED, ESCAPED, DASH, SLASH, LEAVE];
/** JavaScript shifts by the lowest five bits of a number, so the bits above them may stay until a state is compared. */
const STATE_BITS = 31;

export interface Skipped {
  /** Up to here nothing but rows stands. */
  readonly at: number;
  /** Whether `at` is inside of single quotes. */
  readonly quoted: boolean;
}

/**
 * Skips values, their separators and strings in single quotes, with backslash escapes.
 *
 * @param quoted whether index `from` is inside of single quotes
 * @returns the index of what it does not know, outside of strings: `;`, other quotes, backslashes, comments. Near the end of
 * `bytes` it may be a byte sooner, where the next one decides what the last one means.
 */
export function skipRows(bytes: Buffer, from: number, quoted: boolean): Skipped {
  const toFirstWord = -(bytes.byteOffset + from) & 3;
  const start = { at: from, state: quoted ? QUOTED : SQL };
  const aligned = skipBytes(bytes, start, Math.min(from + toFirstWord, bytes.length));
  const { at, state } = skipBytes(bytes, skipWords(bytes, aligned), bytes.length);
  const undecided = state === ESCAPED || state === DASH || state === SLASH;
  return { at: undecided ? at - 1 : at, quoted: state === QUOTED || state === ESCAPED };
}

interface Position {
  readonly at: number;
  readonly state: number;
}

/** Skips as many pairs of whole words as there are before what is left to `skipBytes`. */
function skipWords(bytes: Buffer, { at, state: before }: Position): Position {
  const offset = bytes.byteOffset + at;
  if (offset % 4 !== 0 || endianness() !== "LE") return { at, state: before };
  const words = new Int32Array(bytes.buffer, offset, (bytes.length - at) >> 2);
  const pairs = (afterTwo ??= successorsOfPairs());
  let state = before;
  let i = 0;
  for (; i + 1 < words.length; i += 2) {
    const one = words[i]!;
    const two = words[i + 1]!;
    let next = pairs[one & 0xffff]! >> state;
    next = pairs[one >>> 16]! >> next;
    next = pairs[two & 0xffff]! >> next;
    next = pairs[two >>> 16]! >> next;
    if ((next & STATE_BITS) === LEAVE) break;
    state = next;
  }
  return { at: at + 4 * i, state: state & STATE_BITS };
}

function skipBytes(bytes: Buffer, { at: from, state: before }: Position, to: number): Position {
  let at = from;
  let state = before;
  for (; at < to; at++) {
    const next = (afterOne[bytes[at]!]! >> state) & STATE_BITS;
    if (next === LEAVE) break;
    state = next;
  }
  return { at, state };
}

const afterOne = new Int32Array(256);
for (let byte = 0; byte < afterOne.length; byte++) {
  for (const state of STATES) afterOne[byte]! |= successor(state, String.fromCharCode(byte)) << state;
}

/** By the two bytes as they stand in a word. Made when it is needed: it takes some milliseconds. */
let afterTwo: Int32Array | undefined;

function successorsOfPairs(): Int32Array {
  const plain = afterOne[0]!; // most bytes do what this one does, and two of them what one does
  const pairs = new Int32Array(65_536);
  for (let pair = 0; pair < pairs.length; pair++) {
    const first = afterOne[pair & 0xff]!;
    const second = afterOne[pair >> 8]!;
    pairs[pair] = first === plain && second === plain ? plain : inARow(first, second);
  }
  return pairs;
}

function inARow(first: number, second: number): number {
  let both = 0;
  for (const state of STATES) both |= ((second >> (first >> state)) & STATE_BITS) << state;
  return both;
}

function successor(state: number, character: string): number {
  if (state === LEAVE) return LEAVE;
  if (state === ESCAPED) return QUOTED;
  if (state === QUOTED) return character === "'" ? SQL : character === "\\" ? ESCAPED : QUOTED;
  if ((state === DASH && character === "-") || (state === SLASH && character === "*")) return LEAVE;
  if (character === "'") return QUOTED;
  if (character === "-") return DASH;
  if (character === "/") return SLASH;
  return ';"`#\\'.includes(character) ? LEAVE : SQL;
}
