// A contract's text with what a changed schema asks of it: new entries and columns added, gone ones removed, and every
// other byte as it was.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { findRule } from "../../../contracts/table-rules.ts";
import type { Schema } from "../../mysql/schema.ts";
import { columnId } from "../column-kind.ts";
import { examine } from "../examine.ts";
import { ruleOf, type UnknownName } from "../rules.ts";
import { editCollection, spanOf } from "./edit-collection.ts";
import {
  columnLine,
  type Entry,
  entryOf,
  isPlainlyKept,
  scalar,
  writeEntries,
  writeInFlow,
  type Line,
} from "./entry.ts";
import { indent } from "./first-contract.ts";
import type { Proposal } from "./meanings.ts";
import type { TableProposal } from "./propose.ts";
import { TextEdits } from "./text-edits.ts";

export interface Revision {
  readonly text: string;
  /** Tables and columns of the contract that the schema has no more. */
  readonly removed: readonly UnknownName[];
  /** Those that stay, because another file says them or an anchor shares them: by hand. */
  readonly left: readonly UnknownName[];
  /** New columns that could not be added, because an anchor shares the entry with tables that lack them. */
  readonly unwritten: readonly { readonly table: string; readonly column: string }[];
}

type Entries = YAMLMap<Node, Node>;
type EntryPair = Pair<Node, Node>;

/** What becomes of an entry. By columnId. */
interface EntryChange {
  readonly added: Map<string, { readonly name: string; readonly proposal: Proposal }>;
  readonly removed: Set<string>;
}

/**
 * @param text the contract's own file. What it extends stays as it is: a table of which that says too little gets a whole
 * entry here.
 * @param contract what the file and those that it extends say together
 */
export function reviseContract(
  text: string,
  contract: MaskingContract,
  schema: Schema,
  proposals: readonly TableProposal[],
): Revision {
  const { unknown } = examine(contract, schema);
  const document = parseDocument(text, { merge: true, stringKeys: true });
  const entries = entriesOf(document);
  const removed = unknown.filter((name) => canRemove(entries, name));
  const { changes, fresh, unwritten } = sortProposals(contract, schema, entries, proposals);
  const gone = new Set<unknown>();
  for (const { table, column } of removed) {
    const pair = pairOf(entries, table);
    if (!pair) continue;
    if (column === undefined) gone.add(pair);
    else changeOf(changes, pair).removed.add(columnId(column));
  }
  const edits = new TextEdits(text);
  for (const [pair, change] of changes) editEntry(edits, pair, change);
  const added = fresh.map((proposal) => entryOf(proposal, ruleOf(contract, proposal.table)));
  editTables(edits, document, gone, added);
  return { text: edits.apply(), removed, left: unknown.filter((name) => !removed.includes(name)), unwritten };
}

function entriesOf(document: Document): Entries | undefined {
  const tables = document.getIn(["masking", "tables"], true);
  return isMap(tables) ? (tables as Entries) : undefined;
}

function pairOf(entries: Entries | undefined, name: string): EntryPair | undefined {
  return entries?.items.find(({ key }) => isScalar(key) && key.value === name);
}

function changeOf(changes: Map<EntryPair, EntryChange>, pair: EntryPair): EntryChange {
  const change = changes.get(pair) ?? { added: new Map(), removed: new Set() };
  changes.set(pair, change);
  return change;
}

/** Into entries that are there, and entries to be made. */
function sortProposals(
  contract: MaskingContract,
  schema: Schema,
  entries: Entries | undefined,
  proposals: readonly TableProposal[],
) {
  const changes = new Map<EntryPair, EntryChange>();
  const fresh: TableProposal[] = [];
  const unwritten: { table: string; column: string }[] = [];
  for (const proposal of proposals) {
    const found = findRule(contract.tables, proposal.table.name);
    const pair = found && "rule" in found ? pairOf(entries, found.name) : undefined;
    if (!pair) fresh.push(proposal);
    for (const { column, proposal: own } of pair ? proposal.columns : []) {
      if (!pair) continue;
      const name = column.name;
      const sharing = entries ? tablesSharing(entries, pair) : [];
      const isShared = sharing.every((table) =>
        schema.tables.get(table)?.columns.some((other) => columnId(other.name) === columnId(name)),
      );
      // A family's tables have one entry.
      if (isShared) changeOf(changes, pair).added.set(columnId(name), { name, proposal: own });
      else unwritten.push({ table: proposal.table.name, column: name });
    }
  }
  return { changes, fresh, unwritten };
}

/** Tables that take over an entry by its anchor, whole or merged. */
function tablesSharing(entries: Entries, { value }: EntryPair): string[] {
  const anchor = isMap(value) ? value.anchor : undefined;
  if (anchor === undefined) return [];
  return entries.items.flatMap((other) => {
    let isSharing = false;
    visit(other.value, { Alias: (_key, { source }) => void (isSharing ||= source === anchor) });
    return isSharing && isScalar(other.key) ? [String(other.key.value)] : [];
  });
}

/** What stands in this file, and is no other table's too. */
function canRemove(entries: Entries | undefined, { table, column }: UnknownName): boolean {
  const pair = pairOf(entries, table);
  if (!pair) return false;
  if (column === undefined) return !hasAnchor(pair.value);
  const { value } = pair;
  if (!isMap(value) || value.anchor !== undefined) return false;
  return itemsNamed(value as YAMLMap<Node, Node>, new Set([columnId(column)])).length > 0;
}

function hasAnchor(node: Node | null): boolean {
  let found = false;
  visit(node, { Value: (_key, { anchor }) => void (found ||= anchor !== undefined) });
  return found;
}

interface Found {
  /** The entry's map, or its list of kept columns. */
  readonly within: YAMLMap | YAMLSeq;
  readonly item: unknown;
}

function itemsNamed(map: YAMLMap<Node, Node>, names: ReadonlySet<string>): Found[] {
  const kept = keepListOf(map);
  const isNamed = (node: unknown) => isScalar(node) && names.has(columnId(String(node.value)));
  return [
    ...map.items
      .filter((pair) => isNamed(pair.key) && pair.value !== kept && !isRows(pair))
      .map((item) => ({ within: map, item })),
    ...(kept && kept.anchor === undefined ? kept.items.filter(isNamed).map((item) => ({ within: kept, item })) : []),
  ];
}

/** `rows: { delete: … }` names no column. */
function isRows({ key, value }: Pair<Node, Node>): boolean {
  return isScalar(key) && key.value === "rows" && isMap(value) && value.has("delete");
}

function keepListOf(map: YAMLMap<Node, Node>): YAMLSeq<Node> | undefined {
  const kept = map.items.find(({ key }) => isScalar(key) && key.value === "keep")?.value;
  return isSeq(kept) ? (kept as YAMLSeq<Node>) : undefined;
}

function editEntry(edits: TextEdits, { value }: EntryPair, { added, removed }: EntryChange): void {
  const own = [...added.values()];
  if (isAlias(value)) {
    const { start, end } = spanOf(edits.text, value);
    const lines = own.map(({ name, proposal }) => columnLine(name, proposal).text);
    edits.replace(start, end, `{ <<: *${value.source}, ${lines.join(", ")} }`);
    return;
  }
  if (!isMap(value)) return;
  const map = value as YAMLMap<Node, Node>;
  const gone = itemsNamed(map, removed);
  const goneFrom = (node: unknown) => new Set(gone.filter(({ within }) => within === node).map(({ item }) => item));
  const kept = keepListOf(map);
  // A list of one's own would take the place of a merged one, and a column may be called `keep`.
  const hasList = kept !== undefined && kept.anchor === undefined;
  const canList =
    hasList || !map.items.some(({ key }) => isScalar(key) && (key.value === "keep" || key.value === "<<"));
  const listed = canList ? own.filter(({ proposal }) => isPlainlyKept(proposal)) : [];
  // The words `keep` and `rows` may be taken: a column's name is the same in capitals.
  const isTaken = (name: string) =>
    map.items.some(({ key }) => isScalar(key) && key.value === name) || (name === "keep" && listed.length > 0);
  const lines = own
    .filter((each) => !listed.includes(each))
    .map(({ name, proposal }) => columnLine(isTaken(name) ? name.toUpperCase() : name, proposal));
  const names = listed.map(({ name }) => scalar(name));
  if (hasList) editCollection(edits, kept, { removed: goneFrom(kept), added: names.map((text) => ({ text })) });
  const list: Line[] = !hasList && names.length > 0 ? [{ text: `keep: [${names.join(", ")}]` }] : [];
  editCollection(edits, map, { removed: goneFrom(map), added: [...list, ...lines] });
}

/** New tables stand at the end: the order of the others is somebody's. */
function editTables(edits: TextEdits, document: Document, gone: ReadonlySet<unknown>, added: readonly Entry[]): void {
  const entries = entriesOf(document);
  if (entries) {
    const lines = added.map((entry) => ({ text: entries.flow ? writeInFlow(entry) : writeEntries([entry]).trimEnd() }));
    editCollection(edits, entries, { removed: gone, added: lines });
    return;
  }
  if (added.length === 0) return;
  const masking = document.get("masking", true);
  const block = `tables:\n${indent(writeEntries(added), 2)}`.trimEnd();
  if (isMap(masking)) {
    const text = masking.flow ? `tables: { ${added.map(writeInFlow).join(", ")} }` : block;
    editCollection(edits, masking, { removed: new Set(), added: [{ text }] });
  } else {
    edits.insert(edits.text.length, `${edits.text.endsWith("\n") ? "" : "\n"}masking:\n${indent(block, 2)}\n`);
  }
}
