// Writes the contract's missing entries as YAML, ready to paste under `masking.tables`.
import { Document, isMap, isSeq, visit } from "yaml";
import type { MaskingContract, Transform } from "../../contracts/sync-contract.ts";
import type { Schema, Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import type { Findings } from "./examine.ts";
import { givenTransform, ruleOf } from "./rules.ts";
import { suggestTransform } from "./suggest.ts";

/**
 * Complete entries for every table with an unlisted column, with what the contract already says of it: each takes the
 * place of the table's entry. Empty where nothing is unlisted.
 */
export function writePatch(contract: MaskingContract, schema: Schema, findings: Findings): string {
  const names = new Set(findings.undecided.map(({ table }) => table));
  const unlisted = new Set(findings.undecided.map(({ table, column }) => `${table}\0${column}`));
  const entries = [...schema.tables.values()]
    .filter(({ name }) => names.has(name))
    .map((table) => [table.name, entryOf(contract, schema, table, unlisted)] as const);
  if (entries.length === 0) return "";
  const document = new Document(new Map(entries));
  visit(document, (_key, node, path) => {
    if ((isMap(node) && path.length > 1) || isSeq(node)) node.flow = true;
  });
  return document.toString({ lineWidth: 110, flowCollectionPadding: true });
}

/** A table's rule in the file's own form: `{ keep: [id], email: email }`. */
function entryOf(contract: MaskingContract, schema: Schema, table: Table, unlisted: ReadonlySet<string>) {
  const rule = ruleOf(contract, table);
  const given = new Map(
    rule?.kind === "columns" ? Object.entries(rule.columns).map(([name, t]) => [columnId(name), t]) : [],
  );
  const isUnlisted = (name: string) => unlisted.has(`${table.name}\0${name}`);
  const listed = table.columns
    // Neither: the server computes it, or it follows a masked parent's column.
    .filter(({ name }) => isUnlisted(name) || given.has(columnId(name)))
    .map((column): [string, Transform] => {
      const own = isUnlisted(column.name) ? undefined : given.get(columnId(column.name));
      const proposal = () =>
        suggestTransform(schema, table, column, (parent, referred) => givenTransform(contract, parent, referred));
      return [column.name, own ?? proposal()];
    });
  const kept = listed.filter(([, { name }]) => name === "keep").map(([column]) => column);
  const masked = listed.filter(([, { name }]) => name !== "keep").map(([column, t]) => [column, inFile(t)] as const);
  // The word `keep` is taken where a column of this name is masked.
  const isTaken = masked.some(([column]) => column === "keep");
  const keep = isTaken ? kept.map((column) => [column, "keep"] as const) : [["keep", kept] as const];
  const columns: (readonly [string, unknown])[] = kept.length > 0 ? [...keep, ...masked] : [...masked];
  if (rule?.kind !== "columns" || rule.deleteRows === undefined) return new Map(columns);
  // The word `rows` is taken: a column's name is the same in capitals.
  const renamed = columns.map(([column, value]) => [column === "rows" ? "ROWS" : column, value] as const);
  return new Map<string, unknown>([...renamed, ["rows", { delete: rule.deleteRows }]]);
}

function inFile(transform: Transform): unknown {
  if (transform.name === "fixed") return { fixed: transform.value };
  if (transform.name === "expression") return { expression: transform.sql };
  if (transform.name === "json") {
    return { json: Object.fromEntries(Object.entries(transform.paths).map(([path, at]) => [path, inFile(at)])) };
  }
  const { name, ...options } = transform;
  if (Object.keys(options).length > 0) return { [name]: options };
  return name === "null" ? null : name;
}
