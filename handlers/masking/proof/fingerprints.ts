// Fingerprints of originals that a text could quote: what is remembered of them, and found again in Node alone.
// Each is a quick keyed hash that every piece of text is tried with, and a keyed digest that decides.
import { createHmac, hash } from "node:crypto";
import { normalize, numberForms, identifies, unitsOf } from "./units.ts";

/** As it is stored, and kept in memory: 4 of the quick hash, 8 of the digest, 2 for size and form. */
export const FINGERPRINT_BYTES = 14;
const DIGEST_AT = 4;
const FORM_AT = 12;
/** Quotations of more units are found only where they are the whole value. */
export const GRAM_UNITS_MAX = 12;

/** What a fingerprint was made from, so that a number is not compared with words. */
export type Form = "words" | "number";

export interface Fingerprint {
  readonly form: Form;
  /** How many units, or digits. */
  readonly size: number;
  readonly quick: number;
  /** 8 bytes. */
  readonly digest: Buffer;
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
  digest(form: Form, text: string): Buffer {
    return hash("sha256", `${this.#key}:${form}:${text}`, "buffer").subarray(0, 8);
  }
}

export function packed({ form, size, quick, digest }: Fingerprint): Buffer {
  const bytes = Buffer.alloc(FINGERPRINT_BYTES);
  bytes.writeUInt32LE(quick, 0);
  digest.copy(bytes, DIGEST_AT);
  bytes.writeUInt16LE((Math.min(size, 0x7fff) << 1) | (form === "number" ? 1 : 0), FORM_AT);
  return bytes;
}

/** The fingerprint at `start`; its digest is a view of the same bytes. */
export function unpacked(bytes: Buffer, start: number): Fingerprint {
  const form = bytes.readUInt16LE(start + FORM_AT);
  return {
    form: form & 1 ? "number" : "words",
    size: form >>> 1,
    quick: bytes.readUInt32LE(start),
    digest: bytes.subarray(start + DIGEST_AT, start + FORM_AT),
  };
}

/** The fingerprints of an original; none where it identifies nobody by itself. */
export function fingerprintsOf(original: string, fingerprinter: Fingerprinter): Fingerprint[] {
  const text = normalize(original).trim();
  const forms = numberForms(text);
  if (forms.length > 0) return forms.map((digits) => fingerprinter.number(digits));
  const units = unitsOf(text);
  return identifies(text, units) ? [fingerprinter.words(units)] : [];
}
