// Fingerprints of originals that a text could quote: what is remembered of them, and found again in Node alone.
// Each is a quick keyed hash that every piece of text is tried with, and a keyed digest that decides.
import { createHmac, hash } from "node:crypto";
import { normalize, numberForms, identifies, unitsOf } from "./units.ts";

/** As it is stored, and kept in memory: 4 of the quick hash, 8 of the digest, 2 for size and form. */
export const FINGERPRINT_BYTES = 14;
const DIGEST_AT = 4;
const DIGEST_BYTES = 8;
const FORM_AT = DIGEST_AT + DIGEST_BYTES;
/** Quotations of more units are found only where they are the whole value. */
export const GRAM_UNITS_MAX = 12;

/** What a fingerprint was made from, so that a number is not compared with words. */
export type Form = "words" | "number";

export interface Fingerprint {
  readonly form: Form;
  /** How many units, or digits. */
  readonly size: number;
  readonly quick: number;
  /** 8 bytes, in hexadecimal: a string of it costs a quarter of what a Buffer does. */
  readonly digest: string;
}

/** Hashes text under a key derived from the masking key. */
export class Fingerprinter {
  /** Of the rolling hash: odd, so that multiplying loses nothing. */
  readonly base: number;
  readonly seed: number;
  readonly #key: string;

  constructor(maskingKey: Buffer) {
    const own = createHmac("sha256", maskingKey).update("quotations").digest();
    this.base = own.readUInt32LE(0) | 1;
    this.seed = own.readUInt32LE(4);
    this.#key = own.subarray(8).toString("hex");
  }

  /** One word's hash. */
  unit(text: string, start: number, end: number): number {
    let value = this.seed;
    for (let i = start; i < end; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    return value ^ (value >>> 15);
  }

  /** Joins a unit to what came before it. */
  join(before: number, unit: number): number {
    return (Math.imul(before, this.base) + unit) | 0;
  }

  /** Spreads a joined hash over 32 bits, apart for each number of units. */
  finish(joined: number, size: number): number {
    let value = joined ^ Math.imul(size, 0x9e3779b1);
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    return (value ^ (value >>> 16)) >>> 0;
  }

  words(units: readonly string[]): Fingerprint {
    const joined = units.reduce((before, unit) => this.join(before, this.unit(unit, 0, unit.length)), 0);
    const quick = this.finish(joined, units.length);
    return { form: "words", size: units.length, quick, digest: this.digest("words", units.join(" ")) };
  }

  number(digits: string): Fingerprint {
    return {
      form: "number",
      size: digits.length,
      quick: this.quickNumber(digits),
      digest: this.digest("number", digits),
    };
  }

  quickNumber(digits: string): number {
    return this.finish(this.unit(digits, 0, digits.length), digits.length);
  }

  /** One round of SHA-256 over key and text, cut: nobody can extend what is cut. */
  digest(form: Form, text: string): string {
    return hash("sha256", `${this.#key}:${form}:${text}`, "hex").slice(0, 2 * DIGEST_BYTES);
  }
}

/** One behind the other. */
export function packed(prints: readonly Fingerprint[]): Buffer {
  const bytes = Buffer.alloc(prints.length * FINGERPRINT_BYTES);
  for (const [i, { form, size, quick, digest }] of prints.entries()) {
    const start = i * FINGERPRINT_BYTES;
    bytes.writeUInt32LE(quick, start);
    bytes.write(digest, start + DIGEST_AT, "hex");
    bytes.writeUInt16LE((Math.min(size, 0x7fff) << 1) | (form === "number" ? 1 : 0), start + FORM_AT);
  }
  return bytes;
}

/** The fingerprint at `start`, but for its digest, which few are asked for. */
export function unpacked(bytes: Buffer, start: number): Omit<Fingerprint, "digest"> {
  const form = bytes.readUInt16LE(start + FORM_AT);
  return { form: form & 1 ? "number" : "words", size: form >>> 1, quick: bytes.readUInt32LE(start) };
}

export function unpackedDigest(bytes: Buffer, start: number): string {
  return bytes.toString("hex", start + DIGEST_AT, start + FORM_AT);
}

/** The fingerprints of an original; none where it identifies nobody by itself. */
export function fingerprintsOf(original: string, fingerprinter: Fingerprinter): Fingerprint[] {
  const text = normalize(original).trim();
  const forms = numberForms(text);
  if (forms.length > 0) return forms.map((digits) => fingerprinter.number(digits));
  const units = unitsOf(text);
  return identifies(text, units) ? [fingerprinter.words(units)] : [];
}
