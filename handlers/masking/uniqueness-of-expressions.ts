// What masking does to the values of an expression under a unique key: a generated column's, or a functional key's.
import type { Column, Table } from "../mysql/schema.ts";
import { columnId, kindOf } from "./column-kind.ts";
import { columnsOf, type Expression, readExpression } from "./expression-tree.ts";
import { DISTINCT_VALUES, type Masked } from "./transforms/transform.ts";

/** What masking does to a table, by `columnId`; the columns that are kept are not in it. */
export type MaskedById = ReadonlyMap<string, Masked>;

export interface Fate {
  /**
   * `distinct`: values that differed differ still, and NULL is where it was. `null`: NULL in every row. `lossy`: nothing
   * of it is known.
   */
  readonly becomes: "distinct" | "null" | "lossy";
  /** The masked columns that it is computed from; of a lossy one those that are to blame. */
  readonly columns: readonly Column[];
}

/**
 * Keyed digits that differ do so still in another case, between other texts, or hashed. None of these functions makes NULL
 * of a value, as NULLIF() does: rows with NULL are never duplicates, and may have had the same value until then.
 */
const FAITHFUL = named(
  "lower lcase upper ucase trim ltrim rtrim concat concat_ws ifnull nvl coalesce hex md5 sha sha1 sha2",
);
/** Their values are hexadecimal digits, of which UNHEX() takes all. */
const DIGESTS = named("hex md5 sha sha1 sha2");
/** NULL only where all of their arguments are. */
const CHOOSING = named("ifnull nvl coalesce");
/** NULL where one of their arguments is. */
const STRICT = named(
  `lower lcase upper ucase trim ltrim rtrim concat hex md5 sha sha1 sha2 unhex left right substr substring mid
   substring_index replace reverse crc32 length octet_length char_length date year month json_extract json_unquote`,
);

/** @param sql absent where the server does not tell what it computes */
export function fateOf(table: Table, sql: string | undefined, masked: MaskedById): Fate {
  return judge({ table, masked }, expressionOf(table, sql));
}

interface Context {
  readonly table: Table;
  readonly masked: MaskedById;
}

function judge(context: Context, expression: Expression): Fate {
  const columns = maskedIn(context, expression);
  if (columns.length > 0 && isNull(context, expression)) return { becomes: "null", columns };
  const blamed = columns.length > 0 ? blamedIn(context, expression) : [];
  return blamed.length > 0 ? { becomes: "lossy", columns: blamed } : { becomes: "distinct", columns };
}

/** The masked columns by which different values of an expression may become equal. */
function blamedIn(context: Context, expression: Expression): readonly Column[] {
  switch (expression.kind) {
    case "column":
      return blamedColumn(context, expression.name);
    case "call":
      return isFaithful(expression)
        ? expression.args.flatMap((each) => blamedArgument(context, each))
        : maskedIn(context, expression);
    case "choice":
      // The same rows must have the same one of the values as before.
      return [
        ...maskedIn(context, expression.conditions),
        ...expression.values.flatMap((value) => blamedArgument(context, value)),
      ];
    case "literal":
    case "null":
    case "other":
      return maskedIn(context, expression);
  }
}

/** Where NULL is passed over, what becomes NULL leaves what other rows have in common. */
function blamedArgument(context: Context, argument: Expression): readonly Column[] {
  return isNull(context, argument) ? maskedIn(context, argument) : blamedIn(context, argument);
}

function blamedColumn(context: Context, name: string): readonly Column[] {
  const column = columnOf(context.table, name);
  if (column?.generated) return blamedIn(context, expressionOf(context.table, column.expression));
  const own = column && context.masked.get(columnId(column.name));
  if (!column || !own) return [];
  // Values that change places, or are folded, are distinct in their own column, and not in what is made of them.
  const isKeyed = own.distinctWithin !== undefined && (own.distinctValues ?? 0) >= DISTINCT_VALUES;
  return isKeyed && own.folds === undefined && kindOf(column) === "text" ? [] : [column];
}

/** Where nobody can tell, it may read any column. */
function expressionOf({ columns }: Table, sql: string | undefined): Expression {
  const read = sql === undefined ? undefined : readExpression(sql);
  return read ?? { kind: "other", columns: columns.flatMap(({ name, generated }) => (generated ? [] : [name])) };
}

function isFaithful({ name, args }: Extract<Expression, { kind: "call" }>): boolean {
  const [only, ...others] = args;
  const isDigest = only?.kind === "call" && DIGESTS.has(only.name);
  return FAITHFUL.has(name) || (name === "unhex" && isDigest && others.length === 0);
}

/** Whether it becomes NULL in every row. */
function isNull(context: Context, expression: Expression): boolean {
  const isNullToo = (each: Expression) => isNull(context, each);
  switch (expression.kind) {
    case "null":
      return true;
    case "column": {
      const column = columnOf(context.table, expression.name);
      if (column?.generated) return isNullToo(expressionOf(context.table, column.expression));
      return column !== undefined && context.masked.get(columnId(column.name))?.sql === "NULL";
    }
    case "call":
      if (CHOOSING.has(expression.name)) return expression.args.every(isNullToo);
      return STRICT.has(expression.name) && expression.args.some(isNullToo);
    case "choice":
      return expression.values.every(isNullToo);
    case "literal":
    case "other":
      return false;
  }
}

/** The masked columns that an expression reads, also by way of generated ones. */
function maskedIn(context: Context, expression: Expression): readonly Column[] {
  const { table, masked } = context;
  return columnsOf(expression).flatMap((name) => {
    const column = columnOf(table, name);
    if (!column) return [];
    if (column.generated) return maskedIn(context, expressionOf(table, column.expression));
    return masked.has(columnId(column.name)) ? [column] : [];
  });
}

function named(functions: string): ReadonlySet<string> {
  return new Set(functions.split(/\s+/));
}

export function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => columnId(column.name) === columnId(name));
}
