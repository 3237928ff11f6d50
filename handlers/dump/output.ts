// What the rewriter has written since it was last asked: slices of the input where it can be, without copying them.

interface Slice {
  readonly bytes: Buffer;
  readonly from: number;
  to: number;
}

export class Output {
  /** Bytes written in all, from the count that it starts with. */
  written: number;
  #slices: Slice[] = [];

  constructor(written: number) {
    this.written = written;
  }

  /** Writes bytes of the input as they are; neighbours become one slice. */
  keep(bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.written += to - from;
    const last = this.#slices.at(-1);
    if (last?.bytes === bytes && last.to === from) last.to = to;
    else this.#slices.push({ bytes, from, to });
  }

  /** Writes a statement, whose characters stand for bytes. */
  write(source: string): void {
    const bytes = Buffer.from(source, "latin1");
    this.keep(bytes, 0, bytes.length);
  }

  /** Hands over what was written; undefined for nothing. */
  take(): Buffer | undefined {
    const slices = this.#slices.map(({ bytes, from, to }) => bytes.subarray(from, to));
    this.#slices = [];
    return slices.length > 1 ? Buffer.concat(slices) : slices[0];
  }
}
