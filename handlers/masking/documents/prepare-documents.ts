// Before the first row is masked: every document of a `json` column, masked and put beside the copy in the ledger.
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteTable } from "../../mysql/identifiers.ts";
import { bytesLiteral } from "../../mysql/literals.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { readCopy } from "../../mysql/waiting-keys.ts";
import { tableByKey, type Boundary } from "../chunk-range.ts";
import { columnId } from "../column-kind.ts";
import type { MaskingJob } from "../job.ts";
import { ledgerDatabase, type Ledger } from "../ledger.ts";
import { maskedColumns, type MaskedColumn, type TablePlan } from "../plan.ts";
import { openRecords, type ProofRecords } from "../proof/records.ts";
import { walk } from "../proof/walk.ts";
import { inTransaction } from "../transaction.ts";
import { DOCUMENTS, documentDigest, documentText } from "../transforms/json.ts";
import type { Named } from "../transforms/transform.ts";
import type { Step, Workers } from "../workers.ts";
import { type DocumentPaths, documentPaths, openDocument, type OpenDocument } from "./document.ts";
import { maskLeaves, sendTexts } from "./mask-leaves.ts";

/** Rows whose documents are in memory together. */
const RANGE_ROWS = 200;
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
  const isDocument = ({ transform }: MaskedColumn) => transform.name === "json";
  if (!job.plan.tables.some((table) => maskedColumns(table).some(isDocument))) return true;
  const session = await workers.first();
  const schema = await readCopy(session, job.database, ledgerDatabase(job));
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
  await maskLeaves(session, documents.values());
  await storeDocuments(session, job, documents);
}

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
  const texts = await sendTexts(
    session,
    batch.map(({ text }) => text),
  );
  const selects = batch.map(({ digest }, i) => `SELECT ${bytesLiteral(digest)}, ${texts[i]}`);
  // Another engine may be at the same documents, and makes the same of them.
  await inTransaction(session, () =>
    session.run(
      `INSERT IGNORE INTO ${documentsTable(job)} (${DOCUMENTS.digest}, ${DOCUMENTS.masked}) ${selects.join(" UNION ALL ")}`,
    ),
  );
}
