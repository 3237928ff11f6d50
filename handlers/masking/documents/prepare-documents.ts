// Before the first row is masked: every document of a `json` column, masked and put beside the copy in the ledger.
// The values go through the same SQL as columns do, a batch at a time. No statement's text has one: they travel as bound
// variables, and statements cut them out by their places.
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteTable } from "../../mysql/identifiers.ts";
import { bytesLiteral } from "../../mysql/literals.ts";
import { readSchema, type Column, type Schema, type Table } from "../../mysql/schema.ts";
import { tableByKey, type Boundary } from "../chunk-range.ts";
import { columnId } from "../column-kind.ts";
import type { MaskingJob } from "../job.ts";
import { ledgerDatabase, type Ledger } from "../ledger.ts";
import { maskedColumns, type TablePlan } from "../plan.ts";
import { openRecords, type ProofRecords } from "../proof/records.ts";
import { walk } from "../proof/walk.ts";
import { inTransaction } from "../transaction.ts";
import { applyTransform } from "../transforms/index.ts";
import { DOCUMENTS, documentDigest, documentText, INTEGER, NUMBER, TEXT } from "../transforms/json.ts";
import type { Named } from "../transforms/transform.ts";
import type { Step, Workers } from "../workers.ts";
import { type DocumentPaths, documentPaths, type Leaf, openDocument, type OpenDocument } from "./document.ts";

/** Rows whose documents are in memory together. */
const RANGE_ROWS = 200;
/** Values of one question to the server. */
const LEAVES_A_QUERY = 500;
/** Bytes of documents in one statement: less than every server's packet. */
const BYTES_A_STATEMENT = 1_000_000;

interface JsonColumn {
  readonly plan: TablePlan;
  readonly table: Table;
  readonly column: Column;
  readonly transform: Named<"json">;
}

interface State {
  readonly after: Boundary | null;
  readonly done: boolean;
}

const stepName = ({ table, column }: JsonColumn) => `documents:${table.name}.${column.name}`;

/** Masks all documents, or goes on where an earlier call stopped. @returns false when time ran out before the last was. */
export async function prepareDocuments(workers: Workers, job: MaskingJob, ledger: Ledger): Promise<boolean> {
  const session = await workers.first();
  const schema = await readSchema(session, job.database);
  const left = async () => documentSteps(session, job, await openRecords(session, job, ledger), schema);
  return (await workers.runAll(await left())) && (await left()).length === 0;
}

async function documentSteps(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  schema: Schema,
): Promise<Step[]> {
  const columns = jsonColumns(job, schema);
  if (columns.length === 0) return [];
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${documentsTable(job)} (${DOCUMENTS.digest} BINARY(16) PRIMARY KEY,
       ${DOCUMENTS.masked} LONGTEXT NOT NULL) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 ROW_FORMAT = DYNAMIC`,
  );
  return columns
    .filter((column) => !(records.read(stepName(column)) as State | undefined)?.done)
    .map((column) => ({ table: column.plan, run: (worker) => maskDocuments(worker, job, records, column) }));
}

function jsonColumns(job: MaskingJob, schema: Schema): JsonColumn[] {
  return job.plan.tables.flatMap((plan) =>
    maskedColumns(plan).flatMap(({ column: name, transform }) => {
      const table = schema.tables.get(plan.table);
      const column = table?.columns.find((own) => columnId(own.name) === columnId(name));
      return transform.name === "json" && table && column ? [{ plan, table, column, transform }] : [];
    }),
  );
}

function documentsTable(job: MaskingJob): string {
  return quoteTable(ledgerDatabase(job), DOCUMENTS.table);
}

async function maskDocuments(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  of: JsonColumn,
): Promise<void> {
  const step = stepName(of);
  const paths = documentPaths(of.transform.paths);
  const begun = (records.read(step) as State | undefined)?.after ?? null;
  for await (const { condition, high } of walk(session, job.database, of.plan, begun, RANGE_ROWS)) {
    await maskRange(session, job, of, condition, paths);
    await records.note(session, step, { after: high, done: high === null } satisfies State);
    if (job.signal.aborted) return;
  }
}

async function maskRange(
  session: WriteSession,
  job: MaskingJob,
  { plan, column, transform }: JsonColumn,
  condition: string,
  paths: DocumentPaths,
): Promise<void> {
  const rows = await session.query<{ digest: Buffer; text: string }>(
    `SELECT ${documentDigest(transform, column)} AS digest, ${documentText(column)} AS text
     FROM ${tableByKey(job.database, plan)} WHERE ${condition} HAVING text IS NOT NULL`,
  );
  const documents = new Map<string, OpenDocument>();
  for (const { digest, text } of rows) documents.set(digest.toString("hex"), openDocument(text, paths));
  const leaves = [...documents.values()].flatMap((document) => document.leaves);
  const alike = Map.groupBy(leaves, (leaf) => JSON.stringify([leaf.transform, leaf.kind]));
  for (const group of alike.values()) {
    for (let i = 0; i < group.length; i += LEAVES_A_QUERY) {
      await maskLeaves(session, group.slice(i, i + LEAVES_A_QUERY));
    }
  }
  await storeDocuments(session, job, documents);
}

/** Leaves of one transform and kind. */
async function maskLeaves(session: WriteSession, leaves: readonly Leaf[]): Promise<void> {
  const [first] = leaves;
  if (!first) return;
  const column = { text: TEXT, integer: INTEGER, number: NUMBER }[first.kind];
  const masked = applyTransform(first.transform, column, VALUES);
  if (!masked.fits) throw new TypeError(masked.reason);
  const { bytes, places } = packed(leaves.map(({ original }) => original));
  await session.setVariable("understudy_values", bytes);
  const text = (place: Place) => `CONVERT(${cut("understudy_values", place)} USING utf8mb4)`;
  const value = (place: Place) =>
    ({ text: text(place), integer: `CAST(${text(place)} AS SIGNED)`, number: `${text(place)} + 0e0` })[first.kind];
  const rows = await session.query<{ masked: string | null }>(
    `SELECT CAST(${masked.sql} AS CHAR) AS masked FROM
       (${places.map((place, n) => `SELECT ${n} AS understudy_n, ${value(place)} AS ${column.name}`).join(" UNION ALL ")}) t
     ORDER BY understudy_n`,
  );
  if (rows.length !== leaves.length) throw new TypeError("The server masked more or fewer values than it was given.");
  for (const [i, leaf] of leaves.entries()) leaf.put(rows[i]?.masked ?? null);
}

/** What transforms are told of the table that the values stand in. */
const VALUES: Table = {
  name: "values",
  engine: "InnoDB",
  estimatedRows: 0,
  columns: [TEXT],
  keys: [],
  foreignKeys: [],
};

async function storeDocuments(
  session: WriteSession,
  job: MaskingJob,
  documents: ReadonlyMap<string, OpenDocument>,
): Promise<void> {
  let batch: { readonly digest: string; readonly text: string }[] = [];
  let bytes = 0;
  for (const [digest, document] of documents) {
    const text = document.write();
    if (bytes + text.length > BYTES_A_STATEMENT && batch.length > 0) {
      await storeBatch(session, job, batch);
      batch = [];
      bytes = 0;
    }
    batch.push({ digest, text });
    bytes += text.length;
  }
  if (batch.length > 0) await storeBatch(session, job, batch);
}

async function storeBatch(
  session: WriteSession,
  job: MaskingJob,
  batch: readonly { readonly digest: string; readonly text: string }[],
): Promise<void> {
  const { bytes, places } = packed(batch.map(({ text }) => text));
  await session.setVariable("understudy_values", bytes);
  const selects = batch.map(
    ({ digest }, i) =>
      `SELECT ${bytesLiteral(digest)}, CONVERT(${cut("understudy_values", places[i] ?? { from: 1, length: 0 })} USING utf8mb4)`,
  );
  // Another engine may be at the same documents, and makes the same of them.
  await inTransaction(session, () =>
    session.run(
      `INSERT IGNORE INTO ${documentsTable(job)} (${DOCUMENTS.digest}, ${DOCUMENTS.masked}) ${selects.join(" UNION ALL ")}`,
    ),
  );
}

interface Place {
  /** From 1, as SQL counts. */
  readonly from: number;
  readonly length: number;
}

function packed(texts: readonly string[]): { readonly bytes: Buffer; readonly places: readonly Place[] } {
  const buffers = texts.map((text) => Buffer.from(text));
  let from = 1;
  const places = buffers.map(({ length }) => {
    const place = { from, length };
    from += length;
    return place;
  });
  return { bytes: Buffer.concat(buffers), places };
}

function cut(variable: string, { from, length }: Place): string {
  return `SUBSTRING(@${variable}, ${from}, ${length})`;
}
