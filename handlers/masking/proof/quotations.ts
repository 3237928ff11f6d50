// Looks for remembered originals inside other text: one pass over the text, a few nanoseconds for each piece of it.
import {
  FINGERPRINT_BYTES,
  type Fingerprinter,
  type Form,
  GRAM_UNITS_MAX,
  unpacked,
  unpackedDigest,
} from "./fingerprints.ts";
import { classOf, normalize, numberForms, NUMBERS, OTHER, SEPARATOR, SINGLE, WORD } from "./units.ts";

/** Most pieces of text are told apart from all originals by one bit. 4 MiB of them stay in a processor's cache, mostly. */
const FILTER_BITS = 25;
const SEPARATOR_CODE = SEPARATOR.charCodeAt(0);

/** Where an original stood, as a number that the caller knows the column by. */
export type Source = number;

/** What was found, by source. Numbers are counted apart: how many of each length were tried tells how many meet by chance. */
export interface Quotations {
  readonly words: Map<Source, number>;
  readonly numbers: Map<Source, number>;
  readonly tried: Map<number, number>;
}

/** The remembered originals of all columns: some 30 bytes each, as there may be millions. */
export class QuotationIndex {
  readonly #fingerprinter: Fingerprinter;
  readonly #filter = new Uint32Array(2 ** (FILTER_BITS - 5));
  /** Fingerprints as they were stored, one behind the other, and whose they are. */
  readonly #prints: Buffer;
  readonly #sources: Uint32Array;
  /** A chain for each bucket of quick hashes: the number of its last fingerprint, and for each the one before it; -1 ends it. */
  readonly #last: Int32Array;
  readonly #before: Int32Array;
  /** Which lengths occur, so that no other is tried. */
  readonly #sizes = new Set<number>();
  readonly #power: Int32Array;
  /** Numbers remembered, by digits. */
  readonly numbers = new Map<number, number>();

  constructor(fingerprinter: Fingerprinter, stored: readonly { readonly column: Source; readonly prints: Buffer }[]) {
    this.#fingerprinter = fingerprinter;
    this.#power = new Int32Array(GRAM_UNITS_MAX + 1).fill(1);
    for (let n = 1; n <= GRAM_UNITS_MAX; n++) {
      this.#power[n] = Math.imul(this.#power[n - 1] ?? 1, fingerprinter.base);
    }
    this.#prints = Buffer.concat(stored.map(({ prints }) => prints));
    const count = this.#prints.length / FINGERPRINT_BYTES;
    this.#sources = new Uint32Array(count);
    this.#before = new Int32Array(count);
    this.#last = new Int32Array(2 ** Math.ceil(Math.log2(count + 1))).fill(-1);
    let n = 0;
    for (const { column, prints } of stored) {
      const end = n + prints.length / FINGERPRINT_BYTES;
      for (; n < end; n++) this.#add(n, column);
    }
  }

  #add(n: number, source: Source): void {
    const { form, size, quick } = unpacked(this.#prints, n * FINGERPRINT_BYTES);
    const bucket = this.#bucket(quick);
    // Two spellings of one value count once.
    for (const own of this.#chain(quick)) {
      if (this.#sources[own] === source && this.#digest(own) === this.#digest(n)) return;
    }
    this.#sources[n] = source;
    this.#before[n] = this.#last[bucket] ?? -1;
    this.#last[bucket] = n;
    const bit = quick >>> (32 - FILTER_BITS);
    this.#filter[bit >>> 5] = (this.#filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
    if (form === "number") this.numbers.set(size, (this.numbers.get(size) ?? 0) + 1);
    else this.#sizes.add(size);
  }

  #bucket(quick: number): number {
    return quick & (this.#last.length - 1);
  }

  #digest(n: number): string {
    return unpackedDigest(this.#prints, n * FINGERPRINT_BYTES);
  }

  /** The fingerprints with a quick hash. */
  *#chain(quick: number): Generator<number> {
    for (let n = this.#last[this.#bucket(quick)] ?? -1; n >= 0; n = this.#before[n] ?? -1) {
      if (this.#prints.readUInt32LE(n * FINGERPRINT_BYTES) === quick) yield n;
    }
  }

  get isEmpty(): boolean {
    return this.#prints.length === 0;
  }

  /** Adds what the values quote to `result`. `text`: values with SEPARATOR between them. */
  search(text: string, result: Quotations): void {
    const normalized = normalize(text);
    if (this.#sizes.size > 0) this.#searchWords(normalized, result);
    if (this.numbers.size > 0) this.#searchNumbers(normalized, result);
  }

  #searchWords(text: string, result: Quotations): void {
    const sizes = [...this.#sizes].filter((size) => size <= GRAM_UNITS_MAX);
    const value: Value = { prefixes: [0], starts: [], ends: [] };
    let start = -1;
    for (let i = 0; i <= text.length; i++) {
      const code = i < text.length ? text.charCodeAt(i) : SEPARATOR_CODE;
      const own = classOf(code);
      if (own === WORD) {
        if (start === -1) start = i;
        continue;
      }
      if (start !== -1) this.#addUnit(text, value, start, i, sizes, result);
      start = -1;
      if (own === SINGLE) this.#addUnit(text, value, i, i + 1, sizes, result);
      if (own === OTHER && code === SEPARATOR_CODE) this.#endValue(text, value, result);
    }
  }

  /** Tries every piece that ends with this unit. */
  #addUnit(text: string, value: Value, start: number, end: number, sizes: readonly number[], result: Quotations): void {
    const { prefixes, starts, ends } = value;
    const fingerprinter = this.#fingerprinter;
    const last = fingerprinter.join(prefixes[prefixes.length - 1] ?? 0, fingerprinter.unit(text, start, end));
    prefixes.push(last);
    starts.push(start);
    ends.push(end);
    for (const size of sizes) {
      const before = prefixes[prefixes.length - 1 - size];
      if (before === undefined) continue;
      const quick = fingerprinter.finish((last - Math.imul(before, this.#power[size] ?? 1)) | 0, size);
      if (this.#mayKnow(quick)) this.#confirmWords(text, value, size, quick, result);
    }
  }

  /** A value that is an original as a whole, too long to be tried piece by piece. */
  #endValue(text: string, value: Value, result: Quotations): void {
    const size = value.starts.length;
    if (size > GRAM_UNITS_MAX && this.#sizes.has(size)) {
      const quick = this.#fingerprinter.finish(value.prefixes[size] ?? 0, size);
      if (this.#mayKnow(quick)) this.#confirmWords(text, value, size, quick, result);
    }
    value.prefixes.length = 1;
    value.starts.length = 0;
    value.ends.length = 0;
  }

  #confirmWords(text: string, { starts, ends }: Value, size: number, quick: number, result: Quotations): void {
    if (this.#chain(quick).next().done) return;
    const first = starts.length - size;
    const units = Array.from({ length: size }, (_, i) => text.slice(starts[first + i], ends[first + i]));
    this.#confirm(quick, "words", units.join(" "), result);
  }

  #searchNumbers(text: string, result: Quotations): void {
    for (const [written] of text.matchAll(NUMBERS)) {
      for (const digits of numberForms(written)) {
        if (!this.numbers.has(digits.length)) continue;
        result.tried.set(digits.length, (result.tried.get(digits.length) ?? 0) + 1);
        const quick = this.#fingerprinter.quickNumber(digits);
        if (this.#mayKnow(quick) && this.#confirm(quick, "number", digits, result)) break;
      }
    }
  }

  #mayKnow(quick: number): boolean {
    const bit = quick >>> (32 - FILTER_BITS);
    return ((this.#filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  #confirm(quick: number, form: Form, text: string, result: Quotations): boolean {
    const candidates = [...this.#chain(quick)];
    if (candidates.length === 0) return false;
    const digest = this.#fingerprinter.digest(form, text);
    const formOf = (n: number) => unpacked(this.#prints, n * FINGERPRINT_BYTES).form;
    const same = candidates.filter((n) => formOf(n) === form && this.#digest(n) === digest);
    const sources = same.map((n) => this.#sources[n] ?? 0);
    const found = form === "words" ? result.words : result.numbers;
    for (const source of sources) found.set(source, (found.get(source) ?? 0) + 1);
    return sources.length > 0;
  }
}

/** The units of the value that is being read, and the joined hash before each. */
interface Value {
  readonly prefixes: number[];
  readonly starts: number[];
  readonly ends: number[];
}
