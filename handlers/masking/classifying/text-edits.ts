// Changes to a text by offsets: what nobody touches stays, byte for byte.

export class TextEdits {
  readonly text: string;
  readonly #edits: { readonly start: number; readonly end: number; readonly by: string }[] = [];
  constructor(text: string) {
    this.text = text;
  }

  insert(at: number, by: string): void {
    this.#edits.push({ start: at, end: at, by });
  }

  remove(start: number, end: number): void {
    this.#edits.push({ start, end, by: "" });
  }

  replace(start: number, end: number, by: string): void {
    this.remove(start, end);
    this.insert(start, by);
  }

  /** From the last to the first. Where one begins at the same place as another, what is inserted comes before what goes. */
  apply(): string {
    const inserted = (edit: { readonly start: number; readonly end: number }) => (edit.start === edit.end ? 1 : 0);
    const ordered = this.#edits
      .map((edit, i) => ({ ...edit, i }))
      .toSorted((a, b) => b.start - a.start || inserted(a) - inserted(b) || b.i - a.i);
    return ordered.reduce((text, { start, end, by }) => text.slice(0, start) + by + text.slice(end), this.text);
  }

  /** Where the line that holds an offset begins. */
  lineStart(offset: number): number {
    return this.text.lastIndexOf("\n", offset - 1) + 1;
  }

  /** Where it ends, before its line break. */
  lineEnd(offset: number): number {
    const end = this.text.indexOf("\n", offset);
    return end === -1 ? this.text.length : end;
  }
}
