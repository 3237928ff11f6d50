// Word lists are written as text, a few words a line, so that a change shows as what it is.

/** The words of a text, parted by spaces and line breaks; `_` in a word stands for a space. */
export function wordsOf(text: string): readonly string[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll("_", " "));
}

/** Pairs that belong together, each written `left/right`. */
export function pairsOf(text: string): readonly (readonly [string, string])[] {
  return wordsOf(text).map((pair) => {
    const [left, right, ...rest] = pair.split("/");
    if (!left || !right || rest.length > 0) throw new TypeError(`Not a pair: ${pair}`);
    return [left, right];
  });
}

/** Each word of the one list before each of the other, with a space between them. */
export function everyPair(left: readonly string[], right: readonly string[]): readonly string[] {
  return left.flatMap((own) => right.map((other) => `${own} ${other}`));
}
