// Screens that remember: a pipe, and a terminal that understands what is drawn on it.
import { Writable } from "node:stream";
import type { Screen } from "../../cli/render/view.ts";

/** Something that is no terminal; `text()` is what was written. */
export function openPipe(): Screen & { text(): string } {
  let written = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  return Object.assign(stream, { text: () => written });
}

/** What every escape sequence begins with. */
export const ESCAPE = "\u001b";

const DRAWN_OVER = new RegExp(`(?=${ESCAPE}\\[\\d+F)`);
const LINES_UP = new RegExp(`^${ESCAPE}\\[(\\d+)F${ESCAPE}\\[J`);

/** A terminal of `columns` cells without colours; `lines()` is what stands on it now. */
export function openTerminal(columns: number): Screen & { lines(): string[]; text(): string } {
  const pipe = openPipe();
  return Object.assign(pipe, {
    isTTY: true,
    columns,
    getColorDepth: () => 1,
    lines() {
      let lines: string[] = [];
      // Each drawing either follows the last line or goes up so many lines and clears from there.
      for (const part of pipe.text().split(DRAWN_OVER)) {
        const up = LINES_UP.exec(part);
        lines = [
          ...lines.slice(0, lines.length - Number(up?.[1] ?? 0)),
          ...part.slice(up?.[0].length).split("\n").slice(0, -1),
        ];
      }
      return lines;
    },
  });
}
