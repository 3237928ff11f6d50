// Skipping rows by words comes to the same as looking at each byte, whatever the bytes, their alignment and their chunks are.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Cursor } from "../../../handlers/dump/cursor.ts";
import { StatementScanner } from "../../../handlers/dump/scanner.ts";
import { skipRows } from "../../../handlers/dump/skip-rows.ts";

/** What ends the skipping outside of strings, alone or as the first of two. */
const LEFT_AT = /^(?:[;"`#\\]|--|\/\*)/;

/** Byte by byte: where the first thing stands that is no row, and whether the place before each byte is in a string. */
function readPlainly(text: string, from: number, quoted: boolean): { end: number; quotedAt: boolean[] } {
  const quotedAt: boolean[] = [];
  let inside = quoted;
  for (let at = from; at < text.length; at++) {
    quotedAt[at] = inside;
    if (!inside && LEFT_AT.test(text.slice(at, at + 2))) return { end: at, quotedAt };
    if (inside && text[at] === "\\") quotedAt[++at] = inside;
    else if (text[at] === "'") inside = !inside;
  }
  quotedAt[text.length] = inside;
  return { end: text.length, quotedAt };
}

/** The same bytes, at each of the four places that they can have in a word. */
function alignments(bytes: Uint8Array): Buffer[] {
  return [0, 1, 2, 3].map((shift) => {
    const room = new Uint8Array(new ArrayBuffer(bytes.length + 8), shift, bytes.length);
    room.set(bytes);
    return Buffer.from(room.buffer, shift, bytes.length);
  });
}

const anyByte = fc.nat(255);
const special = fc.constantFrom(...Buffer.from("'\\;\"`#-/*\n"));
const FRAGMENTS = [
  ...["'it\\'s'", "''", "'a--b /* ; \\\\'", `"it's"`, "-12.5", "0xFF", "_binary 'x'", "(1/2)", "NULL", "1--1"],
  ...["-- it's\n", "/* it's */", "/*!50000 'x' */", "# it's\n"],
];
/** Of runs, too, that are longer than what one step looks at. */
const rows = fc
  .array(
    fc.oneof(
      fc.array(anyByte, { maxLength: 40 }),
      fc.array(special, { maxLength: 6 }),
      fc.constantFrom(...FRAGMENTS).map((text) => [...Buffer.from(text)]),
      fc.integer({ min: 1, max: 200 }).map((length) => Array<number>(length).fill(0x61)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.flat());

test("rows are skipped up to what is no row, and no further", () => {
  fc.assert(
    fc.property(rows, fc.nat(8), fc.boolean(), (values, start, quoted) => {
      const text = Buffer.from(values).toString("latin1");
      const from = Math.min(start, text.length);
      const { end, quotedAt } = readPlainly(text, from, quoted);
      for (const bytes of alignments(Uint8Array.from(values))) {
        const skipped = skipRows(bytes, from, quoted);
        assert.equal(skipped.quoted, quotedAt[skipped.at]);
        assert.ok(skipped.at <= end, "never behind it");
        // What is left in front of it is a byte that the next one decides about.
        if (skipped.at < end) assert.match(text.slice(skipped.at, end), /^[-/\\]$/);
      }
    }),
    { numRuns: 3000 },
  );
});

test("each two bytes, in strings and outside, lead to where each byte by itself leads", () => {
  const around = "1".repeat(8);
  for (let pair = 0; pair < 65_536; pair++) {
    const text = around + String.fromCharCode(pair & 0xff, pair >> 8) + around;
    const bytes = Buffer.from(text, "latin1");
    for (const quoted of [false, true]) {
      const { end, quotedAt } = readPlainly(text, 0, quoted);
      const skipped = skipRows(bytes, 0, quoted);
      // Of `-;` both stay: what follows a dash is for others to say.
      if (skipped.at !== end) assert.match(text.slice(skipped.at, end), /^[-/]$/);
      assert.equal(skipped.quoted, quotedAt[skipped.at]);
    }
  }
});

/** Scans as the rewriter does, chunk by chunk; where the statement ends, or why it does not. */
function scan(chunks: readonly Buffer[], delimiter: string, escapes: boolean): string {
  const scanner = new StatementScanner(delimiter);
  scanner.begin(escapes);
  const cursor = new Cursor({ offset: 0, line: 1 });
  for (const chunk of [...chunks, undefined]) {
    if (chunk) cursor.add(chunk);
    else cursor.ended = true;
    cursor.moveTo(scanner.scan(cursor.window, cursor.at, cursor.ended));
    if (scanner.ended) return `ends before ${cursor.place.offset}, line ${cursor.place.line}`;
    if (scanner.sawClientCommand) return `a client's command at ${cursor.place.offset}`;
  }
  return "does not end";
}

test("a statement ends where it ends when only a byte at a time is there, however it is cut and aligned", () => {
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.nat(600), { maxLength: 4 }),
      fc.constantFrom(";", ";;", "//"),
      fc.boolean(),
      (values, cuts, delimiter, escapes) => {
        const bytes = Buffer.concat([Buffer.from(values), Buffer.from(`');${delimiter}`)]);
        // A chunk of one byte is too short for anything but looking at it.
        const expected = scan(
          Array.from(bytes, (byte) => Buffer.of(byte)),
          delimiter,
          escapes,
        );
        for (const aligned of alignments(bytes)) {
          const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
          const chunks = places.slice(1).map((to, i) => aligned.subarray(places[i], to));
          assert.equal(scan(chunks, delimiter, escapes), expected);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
