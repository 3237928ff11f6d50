// Random choices that a seed and a row's place decide: any row can be made at any time, in any order, and is always the same.

/** A row's own source of randomness. */
export interface Random {
  /** An integer from 0 up to but not including `limit`. */
  below(limit: number): number;
  /** One of the values. */
  pick<T>(values: readonly [T, ...T[]]): T;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  /** So many lower-case hexadecimal digits. */
  hex(digits: number): string;
}

/** The randomness of one row: `stream` names the table, `index` the row. */
export function rowRandom(seed: number, stream: number, index: number): Random {
  let state = mix(mix(seed ^ 0x9e3779b9) ^ Math.imul(stream + 1, 0x85ebca6b) ^ mix(index + 1));
  // mulberry32, by Tommy Ettinger, in the public domain: 32 bits of state, fast, good enough for names and amounts.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  const below = (limit: number) => Math.floor((next() / 0x1_0000_0000) * limit);
  return {
    below,
    pick: (values) => values[below(values.length)] ?? values[0],
    oneIn: (n) => below(n) === 0,
    hex(digits) {
      let text = "";
      while (text.length < digits) text += next().toString(16).padStart(8, "0");
      return text.slice(0, digits);
    },
  };
}

/** Spreads every bit over all of them (the finaliser of MurmurHash3): neighbours in get strangers out. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
