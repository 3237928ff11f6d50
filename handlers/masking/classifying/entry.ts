// A table's entry of masking.tables as YAML, with what is unsure said beside it.
import { Document, visit } from "yaml";
import type { TableRule, Transform } from "../../../contracts/sync-contract.ts";
import { columnId } from "../column-kind.ts";
import type { Proposal } from "./meanings.ts";
import type { TableProposal } from "./propose.ts";

/** A line of a map: `email: email` and what is to be said beside it. */
export interface Line {
  readonly text: string;
  readonly remark?: string;
}

/** An entry's name and what stands under it: a word, or lines. */
export interface Entry {
  readonly name: string;
  readonly rule: Line | readonly Line[];
}

/** Where a list of kept columns goes on in the next line. */
const LINE_WIDTH = 110;

/** @param given what the contract says of the table already: the entry then takes the place of that one */
export function entryOf({ table, truncate, columns }: TableProposal, given?: TableRule): Entry {
  const name = scalar(table.name);
  if (truncate) return { name, rule: { text: "truncate", remark: truncate.why } };
  const rule = given?.kind === "columns" ? given : undefined;
  const own = new Map(columns.map(({ column, proposal }) => [columnId(column.name), proposal]));
  for (const [column, transform] of Object.entries(rule?.columns ?? {})) {
    if (!own.has(columnId(column))) own.set(columnId(column), { transform, sure: true, why: "" });
  }
  const all = table.columns.flatMap((column) => {
    const proposal = own.get(columnId(column.name));
    return proposal ? [{ name: column.name, proposal }] : [];
  });
  return { name, rule: columnLines(all, rule?.deleteRows) };
}

type NamedProposal = { readonly name: string; readonly proposal: Proposal };

function columnLines(all: readonly NamedProposal[], deleteRows: string | undefined): Line[] {
  const kept = all.filter(({ proposal }) => isPlainlyKept(proposal));
  const others = all.filter(({ proposal }) => !isPlainlyKept(proposal));
  // The words `keep` and `rows` are taken where a column of this name has a line: the other forms say the same.
  const isTaken = others.some(({ name }) => name === "keep");
  return [
    ...(isTaken ? kept.map(({ name }) => ({ text: `${scalar(name)}: keep` })) : keepList(kept.map(({ name }) => name))),
    ...others.map(({ name, proposal }) =>
      columnLine(name === "rows" && deleteRows !== undefined ? "ROWS" : name, proposal),
    ),
    ...(deleteRows === undefined ? [] : [{ text: `rows: ${flow({ delete: deleteRows })}` }]),
  ];
}

/** Kept for sure: it stands in the list, without a line of its own. */
export function isPlainlyKept({ transform, sure }: Proposal): boolean {
  return transform.name === "keep" && sure;
}

/** `email: email`, with `free text` beside it where that is unsure. */
export function columnLine(name: string, { transform, sure, why }: Proposal): Line {
  return { text: `${scalar(name)}: ${flow(inFile(transform))}`, ...(!sure && { remark: why }) };
}

function keepList(names: readonly string[]): Line[] {
  if (names.length === 0) return [];
  const lines = [""];
  for (const [i, name] of names.entries()) {
    const item = `${scalar(name)}${i < names.length - 1 ? "," : ""}`;
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + item.length > LINE_WIDTH) lines.push(item);
    else lines[lines.length - 1] = last === "" ? item : `${last} ${item}`;
  }
  return [{ text: `keep: ${lines.length > 1 ? `[\n    ${lines.join("\n    ")},\n  ]` : `[${lines.join("")}]`}` }];
}

/** Entries as blocks, indented by nothing; each ends with a line break. */
export function writeEntries(entries: readonly Entry[]): string {
  return entries
    .map(({ name, rule }) => {
      if (!isLines(rule)) return `${name}: ${written(rule)}\n`;
      if (rule.length === 0) return `${name}: {}\n`;
      return [`${name}:`, ...rule.map((line) => `  ${written(line)}`), ""].join("\n");
    })
    .join("");
}

/** `users: { keep: [id], email: email }`: within a map on one line nothing can be said beside it. */
export function writeInFlow({ name, rule }: Entry): string {
  if (!isLines(rule)) return `${name}: ${rule.text}`;
  return `${name}: { ${rule.map(({ text }) => text.replaceAll(/\s*\n\s*/g, " ")).join(", ")} }`;
}

function isLines(rule: Entry["rule"]): rule is readonly Line[] {
  return Array.isArray(rule);
}

export function written({ text, remark }: Line): string {
  return remark === undefined ? text : `${text} # unsure: ${remark}`;
}

/** A transform as it stands in the file: `email`, `{ fixed: x }`. */
function inFile(transform: Transform): unknown {
  if (transform.name === "fixed") return { fixed: transform.value };
  if (transform.name === "expression") return { expression: transform.sql };
  if (transform.name === "json") {
    return { json: Object.fromEntries(Object.entries(transform.paths).map(([path, at]) => [path, inFile(at)])) };
  }
  const { name, ...options } = transform;
  const said = Object.entries(options).filter(([option, value]) => defaultOf(name, option) !== value);
  if (said.length > 0) return { [name]: Object.fromEntries(said) };
  return name === "null" ? null : name;
}

/** What need not be said: contracts/transforms.ts. */
function defaultOf(name: string, option: string): unknown {
  if (option === "locale") return name === "kana" ? "ja" : "en";
  return { days: 30, percent: 10 }[option];
}

/** Text in quotes where YAML needs them, also within a map or a list on one line. */
export function scalar(text: string): string {
  return flow([text]).slice(1, -1);
}

/** On one line: `{ fixed: x }`, `[id, name]`. */
function flow(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Collection: (_key, node) => {
      node.flow = true;
    },
  });
  const isList = Array.isArray(value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: !isList }).trimEnd();
}
