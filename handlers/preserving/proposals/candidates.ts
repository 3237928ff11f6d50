// The columns of a schema that by their names and types may be references, and that nothing declares. Pure.
import type { DeclaredReference } from "../../../contracts/declared-reference.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { canHold, kindOf, namedParents, type Parent } from "./named-parents.ts";
import { wordsOf } from "./words.ts";

/** What to look for in a table's rows. */
export interface Candidates {
  readonly table: Table;
  readonly columns: readonly { readonly column: Column; readonly parents: readonly Parent[] }[];
  /** Polymorphic references: the table that an id leads to is told by a column beside it. */
  readonly pairs: readonly { readonly column: Column; readonly type: Column }[];
  /** Columns that may hold JSON documents. */
  readonly documents: readonly Column[];
}

/** Ends of a name beside `commentable_id` that tells which table the id is of. */
const TYPE_ENDINGS = new Set(["type", "class", "kind", "table", "model"]);

/** Undefined for a table in which there is nothing to look for. */
export function candidatesIn(
  table: Table,
  schema: Schema,
  declared: readonly DeclaredReference[],
): Candidates | undefined {
  const referring = new Set(table.foreignKeys.flatMap(({ columns }) => columns));
  const own = declared.filter((each) => each.table === table.name && each.path === undefined);
  const open = table.columns.filter(({ name, generated }) => !generated && !referring.has(name));
  const pairs = open
    .filter(({ name }) => !own.some((each) => each.column === name && !each.when))
    .flatMap((column) => pairOf(column, table));
  const columns = open
    .filter(({ name }) => !own.some((each) => each.column === name))
    .map((column) => ({ column, parents: parentsOf(column, table, schema) }))
    .filter(({ parents }) => parents.length > 0);
  const documents = table.columns.filter(mayHoldDocuments);
  return columns.length + pairs.length + documents.length > 0 ? { table, columns, pairs, documents } : undefined;
}

function parentsOf(column: Column, table: Table, schema: Schema): Parent[] {
  return namedParents(wordsOf(column.name), table.name, schema).filter(
    (parent) => canHold(column, parent.column) && !(parent.table === table.name && parent.column.name === column.name),
  );
}

function pairOf(column: Column, { columns }: Table): { readonly column: Column; readonly type: Column }[] {
  const words = wordsOf(column.name);
  if (words.at(-1) !== "id" || words.length < 2 || kindOf(column) === "other") return [];
  const type = columns.find((other) => {
    const [ending = "", ...rest] = wordsOf(other.name).toReversed();
    const isName = /^(char|varchar|tinytext|enum)$/.test(other.dataType);
    return isName && TYPE_ENDINGS.has(ending) && rest.toReversed().join() === words.slice(0, -1).join();
  });
  return type ? [{ column, type }] : [];
}

/** MySQL 5.6 and MariaDB have documents in text too. */
function mayHoldDocuments({ dataType, maxCharacters, generated }: Column): boolean {
  if (generated) return false;
  return /^(json|text|mediumtext|longtext)$/.test(dataType) || (dataType === "varchar" && (maxCharacters ?? 0) > 255);
}
