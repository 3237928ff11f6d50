// Schemas in a few words, and what is proposed for them.
import { parse } from "yaml";
import type { MaskingContract } from "../../../../contracts/sync-contract.ts";
import { entryOf, type EvidenceOf, propose, writeEntries } from "../../../../handlers/masking/classifying/index.ts";
import type { ForeignKey, Key, Schema, Table } from "../../../../handlers/mysql/schema.ts";
import { column, schemaOf } from "../plan-support.ts";

export { column as columnOf, schemaOf } from "../plan-support.ts";

export const NOTHING: MaskingContract = { key: "env:KEY", unlisted: "stop", tables: {} };

/** `id` is the primary key where there is one. */
export function table(name: string, columns: Readonly<Record<string, string>>, rest: Partial<Table> = {}): Table {
  const own = Object.entries(columns).map(([each, definition]) => column(each, definition));
  const keys = own.some((each) => each.name === "id") ? [unique("PRIMARY", "id")] : [];
  return { name, engine: "InnoDB", estimatedRows: 1000, columns: own, keys, foreignKeys: [], ...rest };
}

export function unique(name: string, ...columns: string[]): Key {
  return { name, unique: true, parts: columns.map((own) => ({ column: own, prefix: null })) };
}

export function foreignKey(own: string, child: string, parentTable: string, parentColumn = "id"): ForeignKey {
  return { name: `${own}_${child}`, table: own, columns: [child], parentTable, parentColumns: [parentColumn] };
}

/** The proposed entries as they stand in the file. */
export function entriesFor(schema: Schema, evidence?: EvidenceOf): string {
  return writeEntries(propose(NOTHING, schema, evidence).map((proposal) => entryOf(proposal)));
}

/** The transform of one column in a table of its own, as it is written, with ` ?` behind where it is unsure. */
export function proposed(tableName: string, name: string, definition: string, evidence?: EvidenceOf): string {
  const entry = entriesFor(schemaOf(table(tableName, { id: "int!", [name]: definition })), evidence);
  const rules = parse(entry, { stringKeys: true }) as Record<string, string | Record<string, unknown>>;
  const rule = rules[tableName];
  if (typeof rule === "string") return `${rule} ?`;
  const kept = rule?.["keep"];
  if (Array.isArray(kept) && kept.includes(name)) return "keep";
  const line = entry.split("\n").find((each) => each.includes("# unsure:"));
  const transform = rule?.[name];
  return `${typeof transform === "string" ? transform : JSON.stringify(transform)}${line === undefined ? "" : " ?"}`;
}
