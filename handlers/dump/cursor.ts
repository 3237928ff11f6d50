// The part of a dump that is in memory: a window over its bytes that only moves forward.

const NEWLINE = 0x0a;

/** Where something stands in the uncompressed dump. */
export interface Place {
  /** Bytes before it. */
  readonly offset: number;
  /** Counted from 1. */
  readonly line: number;
}

/** What a step of work does while it waits for more input, and what it comes to in the end. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

export class Cursor {
  /** Bytes from `at` on are not consumed yet. */
  window: Buffer = Buffer.alloc(0);
  at = 0;
  /** There is no input after the window. */
  ended = false;
  #offset: number;
  #line: number;

  constructor(start: Place) {
    this.#offset = start.offset;
    this.#line = start.line;
  }

  get place(): Place {
    return { offset: this.#offset, line: this.#line };
  }

  /** Bytes in the window that are not consumed. */
  get left(): number {
    return this.window.length - this.at;
  }

  /** Appends input. What is consumed is let go, so the window is as long as what a reader still looks at. */
  add(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.window = this.left === 0 ? bytes : Buffer.concat([this.window.subarray(this.at), bytes]);
    this.at = 0;
  }

  /** Waits until `count` bytes are there, or fewer where the input ends before. */
  *need(count: number): Steps<void> {
    while (this.left < count && !this.ended) yield;
  }

  /** Consumes the window up to index `to`. */
  moveTo(to: number): void {
    this.#line += countNewlines(this.window, this.at, to);
    this.#offset += to - this.at;
    this.at = to;
  }

  /** The next bytes, one character each. */
  text(bytes: number): string {
    return this.window.toString("latin1", this.at, this.at + bytes);
  }

  /** Whether the next bytes are this ASCII text; letters in `text` are lower case and match either case. */
  startsWith(text: string): boolean {
    return this.text(text.length).toLowerCase() === text;
  }
}

function countNewlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
