// A new UUID in the form of an old one. https://www.rfc-editor.org/rfc/rfc9562
import { randomBytes } from "node:crypto";

const TEXT = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i;
const BYTES = 16;
/** Where groups end in the text, in hexadecimal digits. */
const GROUPS = [8, 12, 16, 20, 32];
/** Versions whose first half is a time: it stays, so that rows sort and date as before. */
const TIMED = new Set([1, 6, 7]);

export function isUuid(text: string): boolean {
  return TEXT.test(text);
}

/**
 * Another UUID: version, variant, time, letter case and hyphens are the old one's, the rest is random.
 *
 * @param old with hyphens or without
 */
export function anotherUuid(old: string): string {
  const bytes = anotherOf(Buffer.from(old.replaceAll("-", ""), "hex")).toString("hex");
  const digits = /[A-F]/.test(old) ? bytes.toUpperCase() : bytes;
  if (!old.includes("-")) return digits;
  return GROUPS.map((end, i) => digits.slice(GROUPS[i - 1] ?? 0, end)).join("-");
}

function anotherOf(old: Buffer): Buffer {
  const [version, swapped] = versionOf(old);
  const fresh = randomBytes(BYTES);
  // Of a version 7 the time is 48 bits; of bytes that say no version (a ULID) as many may be one.
  const kept = version !== undefined && !TIMED.has(version) ? 0 : version === 1 || version === 6 ? 8 : 6;
  old.copy(fresh, 0, 0, kept);
  if (version === undefined) return fresh;
  const place = swapped ? 0 : 6;
  mix(fresh, old, place, 0xf0);
  mix(fresh, old, 8, 0xc0);
  return fresh;
}

/**
 * The version, and whether it stands where `UUID_TO_BIN(…, 1)` puts it: in the first byte.
 * https://dev.mysql.com/doc/refman/8.4/en/miscellaneous-functions.html#function_uuid-to-bin
 */
function versionOf(bytes: Buffer): [number | undefined, boolean] {
  const isVersion = (nibble: number) => nibble >= 1 && nibble <= 8;
  if ((bytes.readUInt8(8) & 0xc0) !== 0x80) return [undefined, false];
  const [usual, swapped] = [bytes.readUInt8(6) >> 4, bytes.readUInt8(0) >> 4];
  if (isVersion(usual)) return [usual, false];
  return swapped === 1 ? [swapped, true] : [undefined, false];
}

/** Sets the bits of `mask` in one byte to the old ones. */
function mix(fresh: Buffer, old: Buffer, at: number, mask: number): void {
  fresh.writeUInt8((fresh.readUInt8(at) & ~mask & 0xff) | (old.readUInt8(at) & mask), at);
}
