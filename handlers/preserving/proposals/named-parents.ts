// Which table and key the name of a column, or of a value inside a document, may mean. Pure; values decide later.
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { isInteger } from "../plan-columns.ts";
import { isSameThing, wordsOf } from "./words.ts";

/** A column that by itself is the key of its table. */
export interface Parent {
  readonly table: string;
  readonly column: Column;
}

/** Words for a row of the table itself: `parent_id`. */
const OWN = new Set(["parent", "root", "original", "previous", "next", "source", "duplicate", "replaced"]);

/** Words for people, whose table is seldom called so: `owner_id`, `approver`, and whatever ends in `by`. */
const PEOPLE_ROLES = new Set(
  `admin agent approver assignee assigner author buyer by creator editor employee lead manager member moderator operator
   organizer owner recipient reporter requester reviewer seller sender supervisor updater uploader user`.split(/\s+/),
);
const PEOPLE_TABLES = ["user", "account", "person", "employee", "staff", "member", "admin", "customer"].map(wordsOf);

/**
 * The keys that a name in a row of `table` may refer to, the likeliest alone: a table of the name (`created_by_user_id`
 * is one of `users`), one whose name ends in it (`wp_users`), what a foreign key of the same name refers to, the table
 * itself (`parent_id`), or the table of people (`owner_id`).
 */
export function namedParents(words: readonly string[], table: string, schema: Schema): Parent[] {
  const tables = [...schema.tables.values()];
  const named = byTableName(words, tables, isSameThing);
  if (named.length > 0) return named;
  const prefixed = byTableName(words, tables, (some, name) => isSameThing(some, name.slice(-some.length)));
  if (prefixed.length === 1) return prefixed;
  const alike = byForeignKeys(words, schema);
  return alike.length > 0 ? alike : byRole(words, table, tables);
}

/** Of the words before the key's, as many as name a table. */
function byTableName(
  words: readonly string[],
  tables: readonly Table[],
  isNamed: (some: readonly string[], name: readonly string[]) => boolean,
): Parent[] {
  for (const start of words.keys()) {
    const found = tables.flatMap((parent) =>
      keysOf(parent)
        .filter(({ endings }) =>
          endings.some(
            (ending) => endsWith(words, ending) && isNamed(words.slice(start, -ending.length), wordsOf(parent.name)),
          ),
        )
        .map(({ column }) => ({ table: parent.name, column })),
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** The unique keys of one whole column each, with the words that name it behind its table's: the primary key is `id` too. */
function keysOf(table: Table): { readonly column: Column; readonly endings: readonly string[][] }[] {
  return table.keys.flatMap(({ name, unique, parts }) => {
    const [part, ...rest] = parts;
    const column = table.columns.find((candidate) => candidate.name === part?.column);
    if (!unique || !part || !column || rest.length > 0 || part.prefix !== null) return [];
    const own = wordsOf(column.name);
    return [{ column, endings: name === "PRIMARY" && own.join() !== "id" ? [own, ["id"]] : [own] }];
  });
}

function byForeignKeys(words: readonly string[], schema: Schema): Parent[] {
  for (const { foreignKeys } of schema.tables.values()) {
    for (const { columns, parentTable, parentColumns } of foreignKeys) {
      const [name, ...rest] = columns;
      if (name === undefined || rest.length > 0 || wordsOf(name).join() !== words.join()) continue;
      const column = schema.tables.get(parentTable)?.columns.find((candidate) => candidate.name === parentColumns[0]);
      if (column) return [{ table: parentTable, column }];
    }
  }
  return [];
}

function byRole(words: readonly string[], table: string, tables: readonly Table[]): Parent[] {
  const role = (words.at(-1) === "id" ? words.at(-2) : words.at(-1)) ?? "";
  const own = tables.filter(({ name }) => name === table && OWN.has(role) && words.at(-1) === "id");
  const people = PEOPLE_TABLES.map((name) => tables.find((parent) => isSameThing(name, wordsOf(parent.name))));
  const found = own.length > 0 ? own[0] : PEOPLE_ROLES.has(role) ? people.find((parent) => parent) : undefined;
  const primary = found && keysOf(found).find(({ column }) => column.name === found.keys[0]?.parts[0]?.column);
  return found && primary ? [{ table: found.name, column: primary.column }] : [];
}

/** The tables that a type's name may mean: `Company`, `companies`, `App\Models\Company`, `Shop::Order` for `shop_orders`. */
export function tablesOfType(type: string, schema: Schema): Parent[] {
  const segments = type.split(/[\\/.:]+/).filter((segment) => segment !== "");
  for (const start of segments.keys()) {
    const words = segments.slice(start).flatMap(wordsOf);
    const found = [...schema.tables.values()].filter(({ name }) => isSameThing(words, wordsOf(name)));
    const parents = found.flatMap((table) => {
      const primary = keysOf(table).find(({ endings }) => endings.some((ending) => ending.join() === "id"));
      return primary ? [{ table: table.name, column: primary.column }] : [];
    });
    if (parents.length > 0) return parents;
  }
  return [];
}

function endsWith(words: readonly string[], ending: readonly string[]): boolean {
  return words.length > ending.length && words.slice(-ending.length).join(" ") === ending.join(" ");
}

/** Whether values of the column can be values of the key: both integers, bytes or text; text can hold an integer too. */
export function canHold(column: Column, key: Column): boolean {
  const kind = kindOf(column);
  return kind === "text" ? ["text", "integer"].includes(kindOf(key)) : kind !== "other" && kind === kindOf(key);
}

export function kindOf(column: Column): "integer" | "text" | "bytes" | "other" {
  if (isInteger(column)) return "integer";
  if (/^(binary|varbinary)$/.test(column.dataType)) return "bytes";
  return /^(char|varchar|tinytext|text|uuid)$/.test(column.dataType) ? "text" : "other";
}
