// Before masking: fingerprints of originals that other text could quote, from one look at a table's rows.
import { setImmediate } from "node:timers/promises";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { documentPaths, openDocument, type PathTransform } from "../documents/document.ts";
import type { MaskingJob } from "../job.ts";
import type { MaskedColumn } from "../plan.ts";
import type { Ledger, LedgerColumn, LedgerTable, Whole } from "../ledger.ts";
import { type Fingerprinter, fingerprintsOf, packed } from "./fingerprints.ts";
import { allowJoining, type JoinedTexts, joinTexts, streamTexts } from "./joined-texts.ts";
import type { ProofRecords } from "./records.ts";
import { rowIdentity, sampleCondition } from "./row-identity.ts";

/** The originals of larger tables are sampled: a column that quotes them quotes many. */
const WHOLE_TABLE_ROWS = 50_000;
/** Longer texts are not remembered: what could quote one whole is a copy of the row. */
const QUOTABLE_CHARACTERS = 300;
/** Of documents each value is remembered by itself. */
const DOCUMENT_CHARACTERS = 5_000;
/** Values that many share tell nobody apart: streets, employers, towns. */
const SHARED_ROWS = 10;
const SHARED_SHARE = 0.005;
/** A column whose rows mostly repeat each other is a list of kinds. */
const DISTINCT_SHARE_MIN = 0.5;
const FEW_ROWS = 20;
/** One of these says nothing without the rest of a person. */
const IMPERSONAL = new Set([
  "first_name",
  "last_name",
  "city",
  "postcode",
  "year_only",
  "date_shift",
  "noise",
  "permute",
]);
/** Rows that have come are read without a pause, in which no other session could go on: these take a few milliseconds. */
const ROWS_A_TURN = 250;
/** A hundredth of a second's work, and a statement well below every server's packet. */
const ORIGINALS_A_PART = 2_000;

/** The columns whose originals could be quoted: text, JSON, and numbers long enough. */
export function quotableColumns({ columns }: LedgerTable, table: Table): { column: LedgerColumn; type: Column }[] {
  return columns.flatMap((column) => {
    const type = table.columns.find(({ name }) => columnId(name) === columnId(column.plan.column));
    if (!type || IMPERSONAL.has(column.plan.transform.name)) return [];
    return ["text", "json", "integer"].includes(kindOf(type)) ? [{ column, type }] : [];
  });
}

/** What was remembered of each column, for the report and to know that it is all there. */
export interface RememberedOriginals {
  readonly rows: number;
  readonly sampled: boolean;
  readonly prints: Readonly<Record<string, number>>;
}

/** The originals of a table's rows, or of a sample of them, read range by range on as many sessions as there are to spare. */
export class Originals {
  readonly #job: MaskingJob;
  readonly #table: LedgerTable;
  readonly #columns: readonly { readonly column: LedgerColumn; readonly type: Column }[];
  readonly #sample: string;
  /** How many rows have a value, by column. */
  readonly #values: readonly Map<string, number>[];
  readonly #left: Range[];
  readonly #reads: Promise<void>[] = [];
  #rows = 0;

  constructor(job: MaskingJob, ledgerTable: LedgerTable, table: Table) {
    this.#job = job;
    this.#table = ledgerTable;
    this.#columns = quotableColumns(ledgerTable, table);
    this.#sample = sampleCondition(rowIdentity(table, ledgerTable.plan), ledgerTable.rowsBefore, WHOLE_TABLE_ROWS);
    this.#values = this.#columns.map(() => new Map());
    this.#left = [...ledgerTable.ranges];
  }

  /** Reads on another session, beside `remember`; undefined where no range is left. */
  share(): ((session: WriteSession) => Promise<void>) | undefined {
    return this.#left.length > 0 ? (session) => this.#read(session) : undefined;
  }

  /** Reads what is left, waits for what others read, and stores fingerprints. */
  async remember(
    session: WriteSession,
    records: ProofRecords,
    fingerprinter: Fingerprinter,
  ): Promise<RememberedOriginals> {
    await this.#read(session);
    await Promise.all(this.#reads); // what failed on another session is missing
    const prints: Record<string, number> = {};
    for (const [i, { column, type }] of this.#columns.entries()) {
      const own = identifyingOf(this.#values[i] ?? new Map(), column.plan, kindOf(type) === "json");
      prints[column.id] = await store(session, records, column.id, own, fingerprinter);
    }
    return { rows: this.#rows, sampled: this.#sample !== "TRUE", prints };
  }

  #read(session: WriteSession): Promise<void> {
    const read = this.#readRanges(session);
    this.#reads.push(read);
    return read;
  }

  async #readRanges(session: WriteSession): Promise<void> {
    const { plan } = this.#table;
    const texts = this.#columns.map(({ column, type }) => quotable(column, type));
    await allowJoining(session);
    for (let range = this.#left.shift(); range; range = this.#left.shift()) {
      const from = `FROM ${tableByKey(this.#job.database, plan)} WHERE ${withinRange(plan, range)} AND ${this.#sample}`;
      const joined = await joinTexts(session, texts, from);
      this.#rows += joined.rows;
      for (const [i, counts] of this.#values.entries()) {
        await setImmediate();
        await countValues(session, texts[i] ?? "NULL", from, joined.columns[i], counts);
      }
    }
  }
}

async function countValues(
  session: WriteSession,
  text: string,
  from: string,
  joined: JoinedTexts | undefined,
  counts: Map<string, number>,
): Promise<void> {
  if (joined) {
    for (const value of joined.values) addTo(counts, value);
    return;
  }
  let read = 0;
  for await (const value of streamTexts(session, text, from)) {
    if (++read % ROWS_A_TURN === 0) await setImmediate();
    addTo(counts, value);
  }
}

function addTo(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

/** What the transform leaves as it is may be quoted freely. */
function quotable({ plan }: LedgerColumn, column: Column): string {
  const name = quoteName(plan.column);
  const masked = `NOT (${plan.unchanged})`;
  if (kindOf(column) === "integer") return `IF(${masked} AND ${name} >= 1000000, CAST(${name} AS CHAR), NULL)`;
  const isJson = kindOf(column) === "json";
  const text = isJson ? `CAST(${name} AS CHAR)` : `CONVERT(${name} USING utf8mb4)`;
  return `IF(${masked} AND CHAR_LENGTH(${name}) BETWEEN 4 AND ${isJson ? DOCUMENT_CHARACTERS : QUOTABLE_CHARACTERS}, ${text}, NULL)`;
}

/** Values that are not so many rows' that they tell nobody apart. */
function identifyingOf(rows: ReadonlyMap<string, number>, plan: MaskedColumn, isJson: boolean): string[] {
  const counts = isJson ? countLeaves(rows, plan) : rows;
  const values = [...counts];
  const total = values.reduce((sum, [, count]) => sum + count, 0);
  const isListOfKinds = !isJson && total > FEW_ROWS && counts.size < total * DISTINCT_SHARE_MIN;
  const shared = Math.max(SHARED_ROWS, SHARED_SHARE * total);
  return values
    .filter(([value, count]) => value.includes("@") || (!isListOfKinds && count <= shared))
    .map(([value]) => value);
}

function countLeaves(documents: ReadonlyMap<string, number>, plan: MaskedColumn): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [document, rows] of documents) {
    for (const leaf of leavesOf(document, plan)) {
      if (leaf.length <= QUOTABLE_CHARACTERS) counts.set(leaf, (counts.get(leaf) ?? 0) + rows);
    }
  }
  return counts;
}

/** The texts and numbers of a document that do not stay as they are; keys are names, not values. */
function leavesOf(document: string, { transform }: MaskedColumn): string[] {
  // Without paths the whole document goes: each value is one that goes, too.
  const paths = Object.entries(transform.name === "json" ? transform.paths : {});
  const gone = paths.map(([path, { name }]): [string, PathTransform] => [
    path,
    { name: name === "keep" ? "keep" : "hash" },
  ]);
  const all = documentPaths({ $: { name: "hash" }, ...Object.fromEntries(gone) });
  return openDocument(document, all).leaves.map(({ original }) => original);
}

/** A part at a time, between which other sessions get their turn. Resolves to how many there are. */
async function store(
  session: WriteSession,
  records: ProofRecords,
  id: number,
  originals: readonly string[],
  fingerprinter: Fingerprinter,
): Promise<number> {
  let stored = 0;
  for (let part = 0; part * ORIGINALS_A_PART < originals.length; part++) {
    const own = originals.slice(part * ORIGINALS_A_PART, (part + 1) * ORIGINALS_A_PART);
    const prints = own.flatMap((original) => fingerprintsOf(original, fingerprinter));
    await session.run(
      `INSERT INTO ${records.name("proof_fingerprints")} (column_id, part, prints)
       VALUES (${id}, ${part}, x'${packed(prints).toString("hex")}')`,
    );
    stored += prints.length;
  }
  return stored;
}

/** Fingerprints of a column, packed one behind the other. */
export interface StoredPrints {
  readonly column: number;
  readonly prints: Buffer;
}

/** All fingerprints of the copy's columns, as they were stored. */
export async function readFingerprints(
  session: WriteSession,
  records: ProofRecords,
  ledger: Ledger,
): Promise<StoredPrints[]> {
  const rows = await session.query<{ id: Whole; prints: Buffer }>(
    `SELECT column_id AS id, prints FROM ${records.name("proof_fingerprints")} ORDER BY column_id, part`,
  );
  const own = new Set(ledger.tables.flatMap(({ columns }) => columns.map(({ id }) => id)));
  return rows.filter(({ id }) => own.has(Number(id))).map(({ id, prints }) => ({ column: Number(id), prints }));
}
