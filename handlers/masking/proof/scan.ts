// One pass over every visible text: personal data by its form, and originals of masked columns that it quotes.
import type { WriteSession } from "../../../contracts/platform.ts";
import { tableByKey, type Boundary } from "../chunk-range.ts";
import { kindOf } from "../column-kind.ts";
import type { MaskingJob } from "../job.ts";
import { addTallies, findPatterns, type Tallies } from "../patterns/index.ts";
import { allowJoining, joinTexts, streamTexts } from "./joined-texts.ts";
import type { QuotationIndex, Quotations } from "./quotations.ts";
import type { ProofRecords } from "./records.ts";
import type { VisibleColumn, VisibleTable } from "./visible-columns.ts";
import { walk, type WalkedRange } from "./walk.ts";

type Counts = Readonly<Record<string, number>>;

/** What one column was found to hold. Counts alone. */
export interface ColumnFindings {
  readonly column: string;
  /** Values that were read: neither NULL nor empty. */
  readonly values: number;
  readonly tallies: Tallies;
  /** Originals that are quoted, by the id of their column in the ledger; numbers apart. */
  readonly words: Counts;
  readonly numbers: Counts;
  /** Numbers that were compared, by digits. */
  readonly tried: Counts;
}

/** How far the pass over a table is. */
export interface ScanState {
  readonly after: Boundary | null;
  readonly done: boolean;
  readonly rows: number;
  readonly columns: readonly ColumnFindings[];
}

export const scanStep = (table: string) => `scan:${table}`;

/** Notes are taken this often, so that little is done twice. */
const NOTE_EVERY_MS = 2_000;

/** Looks through a table from where the last note says, until it ends or time does. */
export async function scanTable(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  visible: VisibleTable,
  index: QuotationIndex,
): Promise<void> {
  const step = scanStep(visible.plan.table);
  let state: ScanState = (records.read(step) as ScanState | undefined) ?? {
    after: null,
    done: false,
    rows: 0,
    columns: visible.columns.map(({ column }) => nothingIn(column.name)),
  };
  await allowJoining(session);
  let noted = Date.now();
  for await (const range of walk(session, job.database, visible.plan, state.after, RANGE_ROWS)) {
    const found = await scanRange(session, job, visible, range, index);
    state = {
      after: range.high,
      done: range.high === null,
      rows: state.rows + found.rows,
      columns: state.columns.map((columns, i) => sum(columns, found.columns[i] ?? nothingIn(columns.column))),
    };
    if (state.done || job.signal.aborted || Date.now() - noted > NOTE_EVERY_MS) {
      await records.note(session, step, state);
      noted = Date.now();
    }
    if (job.signal.aborted) return;
  }
}

async function scanRange(
  session: WriteSession,
  job: MaskingJob,
  { plan, columns }: VisibleTable,
  { condition }: WalkedRange,
  index: QuotationIndex,
): Promise<{ rows: number; columns: ColumnFindings[] }> {
  const from = `FROM ${tableByKey(job.database, plan)} WHERE ${condition}`;
  const texts = columns.map(({ text }) => text);
  const joined = await joinTexts(session, texts, from);
  const found: ColumnFindings[] = [];
  for (const [i, visible] of columns.entries()) {
    const own = joined.columns[i];
    found.push(
      own ? look(visible, own.text, own.values.length, index) : await scanOneByOne(session, from, visible, index),
    );
  }
  return { rows: joined.rows, columns: found };
}

/** Long texts, which the server would cut when it joins them. */
async function scanOneByOne(
  session: WriteSession,
  from: string,
  visible: VisibleColumn,
  index: QuotationIndex,
): Promise<ColumnFindings> {
  let findings = nothingIn(visible.column.name);
  for await (const text of streamTexts(session, visible.text, from)) {
    findings = sum(findings, look(visible, text, 1, index));
  }
  return findings;
}

const RANGE_ROWS = 5_000;

function look({ column }: VisibleColumn, text: string, values: number, index: QuotationIndex): ColumnFindings {
  // MariaDB keeps a document as it was written, with `\u5c71` for 山.
  const plain = kindOf(column) === "json" ? unescaped(text) : text;
  const quotations: Quotations = { words: new Map(), numbers: new Map(), tried: new Map() };
  if (!index.isEmpty) index.search(plain, quotations);
  return {
    column: column.name,
    values,
    tallies: findPatterns(plain),
    words: Object.fromEntries(quotations.words),
    numbers: Object.fromEntries(quotations.numbers),
    tried: Object.fromEntries(quotations.tried),
  };
}

function unescaped(json: string): string {
  if (!json.includes("\\")) return json;
  return json
    .replaceAll(/\\u([\da-f]{4})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/\\[nrtbf]/g, " ")
    .replaceAll("\\/", "/");
}

function nothingIn(column: string): ColumnFindings {
  return { column, values: 0, tallies: {}, words: {}, numbers: {}, tried: {} };
}

function sum(a: ColumnFindings, b: ColumnFindings): ColumnFindings {
  return {
    column: a.column,
    values: a.values + b.values,
    tallies: addTallies(a.tallies, b.tallies),
    words: addCounts(a.words, b.words),
    numbers: addCounts(a.numbers, b.numbers),
    tried: addCounts(a.tried, b.tried),
  };
}

function addCounts(a: Counts, b: Counts): Counts {
  const sums: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries(b)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}
