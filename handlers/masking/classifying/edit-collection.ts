// Takes items out of a YAML map or list as it is written, and puts others at its end.
import { isCollection, isMap, isPair, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { written, type Line } from "./entry.ts";
import type { TextEdits } from "./text-edits.ts";

export interface Change {
  /** Among the collection's own items. */
  readonly removed: ReadonlySet<unknown>;
  readonly added: readonly Line[];
}

/** The collection's items are those of the text as it was parsed; of a list, lines are items. */
export function editCollection(edits: TextEdits, node: YAMLMap | YAMLSeq, { removed, added }: Change): void {
  if (removed.size === 0 && added.length === 0) return;
  const items = node.items.map((item) => ({ ...spanOf(edits.text, item), isRemoved: removed.has(item) }));
  if (node.flow) editFlow(edits, node, items, added);
  else editBlock(edits, node, items, added);
}

interface Span {
  readonly start: number;
  readonly end: number;
}
type Item = Span & { readonly isRemoved: boolean };

function editFlow(edits: TextEdits, node: Node, items: readonly Item[], added: readonly Line[]): void {
  const { start, end } = spanOf(edits.text, node);
  const last = items.findLast(({ isRemoved }) => !isRemoved);
  const texts = added.map(({ text }) => text.replaceAll(/\s*\n\s*/g, " "));
  if (last) {
    const first = items.findIndex(({ isRemoved }) => !isRemoved);
    items.forEach((item, i) => {
      if (!item.isRemoved) return;
      if (i < first) edits.remove(item.start, items[i + 1]?.start ?? item.end);
      else edits.remove(items[i - 1]?.end ?? item.start, item.end);
    });
    if (texts.length > 0) edits.insert(last.end, texts.map((text) => `, ${text}`).join(""));
  } else {
    const space = isMap(node) && texts.length > 0 ? " " : "";
    edits.replace(
      edits.text.indexOf(isMap(node) ? "{" : "[", start) + 1,
      end - 1,
      `${space}${texts.join(", ")}${space}`,
    );
  }
  remark(edits, end, added);
}

/** Nothing can be said within one line: it is said at its end, where nothing is said yet. */
function remark(edits: TextEdits, offset: number, added: readonly Line[]): void {
  const remarks = added.flatMap(({ text, remark: said }) =>
    said === undefined ? [] : [`${text.split(":")[0]}: ${said}`],
  );
  const at = edits.lineEnd(offset);
  if (remarks.length === 0 || !/^[\s}\],]*$/.test(edits.text.slice(offset, at))) return;
  edits.insert(at, ` # unsure: ${remarks.join("; ")}`);
}

function editBlock(edits: TextEdits, node: YAMLMap | YAMLSeq, items: readonly Item[], added: readonly Line[]): void {
  const first = items[0];
  if (!first) return;
  const from = isSeq(node) ? edits.text.lastIndexOf("-", first.start) : first.start;
  const indent = " ".repeat(from - edits.lineStart(from));
  const lines = added.map(
    (line) => `${indent}${isSeq(node) ? "- " : ""}${written(line).replaceAll("\n", `\n${indent}`)}`,
  );
  for (const { start, end, isRemoved } of items) {
    if (isRemoved) edits.remove(edits.lineStart(start), Math.min(edits.lineEnd(end) + 1, edits.text.length));
  }
  const last = items.findLast(({ isRemoved }) => !isRemoved);
  if (last) {
    if (lines.length > 0) edits.insert(edits.lineEnd(last.end), lines.map((line) => `\n${line}`).join(""));
  } else {
    edits.insert(edits.lineStart(first.start), [...(lines.length > 0 ? lines : [`${indent}{}`]), ""].join("\n"));
  }
}

/** From a key's first character to the last of its value; comments are left out. */
export function spanOf(text: string, item: unknown): Span {
  if (isPair(item)) {
    const { key, value } = item as Pair<Node, Node | null>;
    const { start, end } = spanOf(text, key);
    return { start, end: value?.range ? Math.max(end, spanOf(text, value).end) : end };
  }
  const node = item as Node;
  const [start, until] = node.range ?? [0, 0];
  // A block's own end is where the next thing begins.
  const last = isCollection(node) && !node.flow ? node.items.at(-1) : undefined;
  return { start, end: last === undefined ? text.slice(0, until).trimEnd().length : spanOf(text, last).end };
}
