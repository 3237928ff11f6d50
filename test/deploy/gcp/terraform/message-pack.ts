// MessagePack as Terraform's plugin protocol uses it: JSON's values, and one more for "known after apply".
// https://github.com/msgpack/msgpack/blob/master/spec.md

/** A value that is known only after apply. */
export const UNKNOWN: unique symbol = Symbol("known after apply");

export type Value = null | boolean | number | string | typeof UNKNOWN | Value[] | { [name: string]: Value };

/** @param bytes one value; refinements of unknown values ("not null") are dropped */
export function unpack(bytes: Buffer): Value {
  let at = 0;
  const uint = (size: number) => {
    at += size;
    return size === 8 ? Number(bytes.readBigUInt64BE(at - 8)) : bytes.readUIntBE(at - size, size);
  };
  const int = (size: number) => {
    at += size;
    return size === 8 ? Number(bytes.readBigInt64BE(at - 8)) : bytes.readIntBE(at - size, size);
  };
  const text = (size: number) => {
    at += size;
    return bytes.toString("utf8", at - size, at);
  };
  const list = (size: number) => Array.from({ length: size }, () => next());
  const map = (size: number) =>
    Object.fromEntries(Array.from({ length: size }, () => [next() as string, next()] as const));
  const extension = (size: number): Value => {
    at += 1 + size;
    return UNKNOWN;
  };
  function next(): Value {
    const tag = uint(1);
    if (tag <= 0x7f) return tag;
    if (tag <= 0x8f) return map(tag & 0x0f);
    if (tag <= 0x9f) return list(tag & 0x0f);
    if (tag <= 0xbf) return text(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    if (tag === 0xc0) return null;
    if (tag === 0xc2 || tag === 0xc3) return tag === 0xc3;
    if (tag >= 0xc7 && tag <= 0xc9) return extension(uint(2 ** (tag - 0xc7)));
    if (tag === 0xca || tag === 0xcb) {
      at += tag === 0xca ? 4 : 8;
      return tag === 0xca ? bytes.readFloatBE(at - 4) : bytes.readDoubleBE(at - 8);
    }
    if (tag >= 0xcc && tag <= 0xcf) return uint(2 ** (tag - 0xcc));
    if (tag >= 0xd0 && tag <= 0xd3) return int(2 ** (tag - 0xd0));
    if (tag >= 0xd4 && tag <= 0xd8) return extension(2 ** (tag - 0xd4));
    if (tag >= 0xd9 && tag <= 0xdb) return text(uint(2 ** (tag - 0xd9)));
    if (tag === 0xdc || tag === 0xdd) return list(uint(tag === 0xdc ? 2 : 4));
    if (tag === 0xde || tag === 0xdf) return map(uint(tag === 0xde ? 2 : 4));
    throw new Error(`MessagePack has no values that begin with ${tag.toString(16)}.`);
  }
  return next();
}

export function pack(value: Value): Buffer {
  if (value === UNKNOWN) return Buffer.from([0xd4, 0, 0]);
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === "boolean") return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === "number") {
    const bytes = Buffer.from([0xcb, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === "string") {
    const text = Buffer.from(value);
    return Buffer.concat([head(0xdb, text.byteLength), text]);
  }
  if (Array.isArray(value)) return Buffer.concat([head(0xdd, value.length), ...value.map(pack)]);
  const entries = Object.entries(value).flatMap(([name, item]) => [pack(name), pack(item)]);
  return Buffer.concat([head(0xdf, entries.length / 2), ...entries]);
}

function head(tag: number, size: number): Buffer {
  const bytes = Buffer.from([tag, 0, 0, 0, 0]);
  bytes.writeUInt32BE(size, 1);
  return bytes;
}
