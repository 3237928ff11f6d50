// A masking plan for people: pure, from what the command found out.
import type { Transform } from "../../contracts/sync-contract.ts";
import { fit, formatCount, formatNumberOf, formatTable } from "./format.ts";

export interface PlanView {
  /** The contract's file, as the operator named it. */
  readonly contract: string;
  /** Whose schema: ``production's schema `shop` ``. */
  readonly title: string;
  readonly tables: readonly PlannedTable[];
}

export interface PlannedTable {
  readonly table: string;
  readonly rule: "keep" | "truncate" | "columns";
  /** As the server estimates. */
  readonly estimatedRows: number;
  readonly staysBehind?: {
    readonly condition?: string;
    readonly references: readonly {
      readonly columns: readonly string[];
      readonly parentTable: string;
      readonly become: "deleted" | "null" | "refused";
    }[];
  };
  readonly columns: readonly {
    readonly column: string;
    readonly type: string;
    readonly transform: Transform | { readonly name: "generated" };
    readonly sql?: string;
  }[];
  readonly statements?: readonly string[];
  readonly sample?: { readonly rows: readonly Row[] } | { readonly errno: number; readonly code: string };
}

/** Bytes are hexadecimal digits; undefined: made when masking begins. */
type Value = string | number | null;
type Row = readonly { readonly column: string; readonly before: Value; readonly after: Value | undefined }[];

const VALUE_WIDTH = 40;
const NAMES_WIDTH = 100;

/** A column's SQL is shown whole up to so many characters; of a longer one, so many of both ends. */
const SQL_WHOLE = 600;
const SQL_HEAD = 300;
const SQL_TAIL = 60;

/** Tables that are masked one by one; those that are kept or truncated by their names. No newline at the end. */
export function planText(view: PlanView): string {
  const masked = view.tables.filter((table) => isTold(table));
  const others = view.tables.filter((table) => !isTold(table));
  const columns = masked.flatMap((table) => table.columns.filter(({ transform }) => isMasking(transform)));
  const rows = view.tables.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0);
  const isSampled = masked.some(({ sample }) => sample !== undefined);
  return [
    `${view.contract} on ${view.title}: ${formatNumberOf(columns.length, "column")} of ${formatNumberOf(masked.length, "table")} masked, of ${formatNumberOf(view.tables.length, "table")} with about ${formatNumberOf(rows, "row")}`,
    ...(isSampled
      ? [
          "Values are computed with a key of this moment: staging gets others, of the same form. They are personal data.",
        ]
      : []),
    ...masked.flatMap((table) => ["", ...tableText(table)]),
    ...namesText(
      "Kept as they are",
      others.filter(({ rule }) => rule !== "truncate"),
    ),
    ...namesText(
      "Truncated",
      others.filter(({ rule }) => rule === "truncate"),
    ),
  ].join("\n");
}

/** Told column by column: something of it becomes another. */
function isTold({ columns, staysBehind }: PlannedTable): boolean {
  return staysBehind !== undefined || columns.some(({ transform }) => isMasking(transform));
}

function isMasking({ name }: { readonly name: string }): boolean {
  return name !== "keep" && name !== "generated";
}

function tableText(planned: PlannedTable): string[] {
  const kept = planned.columns.filter(({ transform }) => !isMasking(transform));
  const masked = planned.columns.filter(({ transform }) => isMasking(transform));
  return [
    `${planned.table}, about ${formatNumberOf(planned.estimatedRows, "row")}`,
    ...indent(staysBehindText(planned)),
    ...indent(formatTable(masked.map(({ column, type, transform }) => [column, type, transformText(transform)]))),
    ...indent(kept.length === 0 ? [] : wrap(`kept: ${kept.map(({ column }) => column).join(", ")}`)),
    ...indent(statementsText(planned)),
    ...indent(sampleText(planned)),
  ];
}

/** Some transforms name each character of a column: tens of kilobytes, of which the beginning and the end say enough. */
function statementsText({ statements = [], columns }: PlannedTable): string[] {
  const long = columns.flatMap(({ sql = "" }) => (sql.length > SQL_WHOLE ? sql : []));
  return statements.flatMap((statement) =>
    long.reduce((text, sql) => text.replaceAll(sql, () => cutSql(sql)), `${statement};`).split("\n"),
  );
}

function cutSql(sql: string): string {
  const left = formatCount(sql.length - SQL_HEAD - SQL_TAIL);
  return `${sql.slice(0, SQL_HEAD)} … ${left} more characters, which --json shows … ${sql.slice(-SQL_TAIL)}`;
}

function staysBehindText({ staysBehind }: PlannedTable): string[] {
  if (!staysBehind) return [];
  const { condition, references } = staysBehind;
  const become = { deleted: "follow", null: "lose the reference", refused: "must not be left" } as const;
  return [
    ...(condition === undefined ? [] : [`rows stay behind where ${condition}`]),
    ...references.map(
      (each) =>
        `rows whose \`${each.columns.join("`, `")}\` refers to such rows of \`${each.parentTable}\`: ${become[each.become]}`,
    ),
  ];
}

/** `email`, `date_shift (days 30, by "user_id")`, `json (3 paths)`. */
function transformText(transform: Transform | { readonly name: "generated" }): string {
  const { name, ...options } = transform;
  if (transform.name === "json") return jsonText(Object.keys(transform.paths).length);
  const told = Object.entries(options).map(([option, value]) => `${option} ${JSON.stringify(value)}`);
  return told.length === 0 ? name : `${name} (${told.join(", ")})`;
}

function jsonText(paths: number): string {
  return paths === 0 ? "json (all redacted)" : `json (${formatNumberOf(paths, "path")}, the rest redacted)`;
}

function sampleText({ sample, columns }: PlannedTable): string[] {
  if (!sample) return [];
  if ("errno" in sample)
    return [`no values: the server could not compute them (error ${sample.errno}, ${sample.code})`];
  if (sample.rows.length === 0) return ["no values: there are no rows"];
  const documents = new Set(columns.flatMap(({ column, transform }) => (transform.name === "json" ? column : [])));
  const rows = sample.rows.flatMap((row, i) =>
    row.map(({ column, before, after }, j) => {
      const shown = (value: Value) => valueText(value, documents.has(column));
      return [
        ...[j === 0 ? `row ${i + 1}` : "", column, shown(before), "→"],
        after === undefined ? "(made when masking begins)" : shown(after),
      ];
    }),
  );
  return formatTable(rows);
}

/** Cut to its place, on one line, without what a terminal would obey. */
function valueText(value: Value, isDocument: boolean): string {
  if (value === null) return "NULL";
  const text = isDocument ? String(value) : JSON.stringify(value);
  return fit(text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·"), VALUE_WIDTH);
}

function namesText(title: string, tables: readonly PlannedTable[]): string[] {
  if (tables.length === 0) return [];
  return ["", ...wrap(`${title}: ${tables.map(({ table }) => table).join(", ")}`)];
}

/** Lines of at most NAMES_WIDTH cells, broken after commas. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/(?<=,) /)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < NAMES_WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
