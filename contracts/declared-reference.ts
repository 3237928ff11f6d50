// A foreign key that the schema does not declare, as sync.yaml's `references` has it: one line of text each.
//
//   comments.commentable_id → companies.id when comments.commentable_type = 'Company'
//   audit_logs.data.$.company_id → companies.id
//   audit_logs.data.$.items[*].user_id → users.id
//   pages.link containing '/companies/{id}/' → companies.id

/** Where the referring value stands, and which column of which table it refers to. */
export interface DeclaredReference {
  readonly table: string;
  readonly column: string;
  /** The place of the values inside a JSON document, such as `$.company_id` or `$.items[*].id`. */
  readonly path?: string;
  /** The text around the value inside a longer text, with `{id}` in the value's place. */
  readonly containing?: string;
  readonly parentTable: string;
  readonly parentColumn: string;
  /** It refers only in rows whose column, of the same table, has one of these values. */
  readonly when?: { readonly column: string; readonly values: readonly string[] };
}

export const REFERENCE_FORM =
  "`comments.commentable_id → companies.id when comments.commentable_type = 'Company'` is an example.";

const NAME = "(?:`(?:[^`]|``)+`|[\\p{L}\\p{N}_$]+)";
const TEXT = "'(?:[^']|'')*'";
const STEP = '(?:\\.(?:[\\p{L}\\p{N}_-]+|"[^"]+")|\\[(?:\\*|\\d+)\\])';
const REFERENCE = new RegExp(
  [
    `^\\s*(?<table>${NAME})\\.(?<column>${NAME})(?:\\.(?<path>\\$${STEP}+))?`,
    `(?:\\s+containing\\s+(?<containing>${TEXT}))?`,
    `\\s*(?:→|->)\\s*(?<parentTable>${NAME})\\.(?<parentColumn>${NAME})`,
    `(?:\\s+when\\s+(?<whenTable>${NAME})\\.(?<whenColumn>${NAME})\\s*(?:=\\s*(?<value>${TEXT})|in\\s*\\((?<values>\\s*${TEXT}(?:\\s*,\\s*${TEXT})*)\\s*\\)))?\\s*$`,
  ].join(""),
  "iu",
);

/** What the line declares, or what is wrong with it: the end of a sentence that begins with its place in the file. */
export function parseReference(line: string): DeclaredReference | { readonly wrong: string } {
  const found = REFERENCE.exec(line)?.groups;
  if (!found) return { wrong: `is not a reference of one column to another: ${REFERENCE_FORM}` };
  const named = (group: string) => unquoted(found[group] ?? "", "`");
  const table = named("table");
  const { path, containing, value, values, whenTable } = found;
  if (whenTable !== undefined && unquoted(whenTable, "`") !== table) {
    return { wrong: `has a condition on another table: a column of \`${table}\` is expected after \`when\`.` };
  }
  if (path !== undefined && containing !== undefined) {
    return { wrong: "names a place in a document and in a text: one of `$.path` and `containing` is expected." };
  }
  const around = containing === undefined ? undefined : unquoted(containing, "'");
  if (around !== undefined && !isTemplate(around)) {
    return {
      wrong:
        "says not where the value stands: `{id}` is expected once in the text after `containing`, with text beside it.",
    };
  }
  const given = value ?? values;
  return {
    table,
    column: named("column"),
    ...(path !== undefined && { path }),
    ...(around !== undefined && { containing: around }),
    parentTable: named("parentTable"),
    parentColumn: named("parentColumn"),
    ...(given !== undefined && {
      when: {
        column: named("whenColumn"),
        values: [...given.matchAll(new RegExp(TEXT, "gu"))].map(([text]) => unquoted(text, "'")),
      },
    }),
  };
}

/** The line that declares the reference: `parseReference` reads it back. */
export function writeReference(reference: DeclaredReference): string {
  const { table, column, path, containing, parentTable, parentColumn, when } = reference;
  const values = when?.values.map((value) => quoted(value, "'")) ?? [];
  return [
    `${name(table)}.${name(column)}${path === undefined ? "" : `.${path}`}`,
    ...(containing === undefined ? [] : [`containing ${quoted(containing, "'")}`]),
    `→ ${name(parentTable)}.${name(parentColumn)}`,
    ...(when ? [`when ${name(table)}.${name(when.column)}`] : []),
    ...(values.length === 1 ? [`= ${values.join()}`] : values.length > 1 ? [`in (${values.join(", ")})`] : []),
  ].join(" ");
}

function name(given: string): string {
  return /^[\p{L}\p{N}_$]+$/u.test(given) ? given : quoted(given, "`");
}

function quoted(text: string, quote: string): string {
  return quote + text.replaceAll(quote, quote + quote) + quote;
}

function isTemplate(around: string): boolean {
  return around.split("{id}").length === 2 && around !== "{id}";
}

/** `` `a``b` `` as `` a`b ``; a name without quotes as it is. */
function unquoted(written: string, quote: string): string {
  return written.startsWith(quote) ? written.slice(1, -1).replaceAll(quote + quote, quote) : written;
}
