// Numbers, sizes and durations as an operator reads them.

/** `12,345`, whatever the machine's locale: output is compared and searched. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** `1.5 GB`; powers of 1000, as network and disk are sold. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 999.5) return `${unit === "B" ? Math.round(value) : toThreeDigits(value)} ${unit}`;
    value /= 1000;
  }
  return `${toThreeDigits(value)} TB`;
}

/** `0.4 s`, `41.2 s`, `3 min 05 s`, `2 h 04 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h} h ${twoDigits(min)} min` : `${min} min ${twoDigits(s)} s`;
}

/** `1 table`, `9 tables`. */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Rows of cells as lines with aligned columns; columns in `right` are aligned to the right. */
export function formatTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => displayWidth(row[i] ?? ""))));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const padding = " ".repeat((widths[i] ?? 0) - displayWidth(cell));
        return right.includes(i) ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** How many terminal cells `text` takes: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

/** `text` cut to `width` cells, with an ellipsis where something is cut off. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 1; // the ellipsis
  for (const character of text) {
    used += cellsOf(character);
    if (used > width) break;
    kept += character;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** Half-width katakana are the script's only narrow ones. */
const WIDE =
  /(?![\uff61-\uff9f])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

function cellsOf(character: string): number {
  if (/[\p{Mn}\p{Me}\u200d]/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

function toThreeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
