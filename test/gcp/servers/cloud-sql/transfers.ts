// Exports into a bucket and imports from one, with the real tools, as Cloud SQL runs them.
import { once } from "node:events";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import { ApiError } from "../http.ts";
import type { Account } from "../storage/account.ts";
import type { Backend, ToolEnd } from "./mysql.ts";
import { OperationFailure } from "./operations.ts";

type ExportContext = sqladmin_v1.Schema$ExportContext;
type ImportContext = sqladmin_v1.Schema$ImportContext;

/** The test's Cloud Storage as one service account sees it. What is refused there is thrown as an ApiError. */
export type Buckets = Pick<Account, "read" | "write">;

/** Nothing is there: an export does not overwrite. */
const NEW = { preconditions: { generationMatch: 0 } };

/**
 * The options of a dump: https://cloud.google.com/sql/docs/mysql/import-export/import-export-sql#external-server.
 * MariaDB's tool passes over those that start with `loose`.
 */
const DUMP = ["--single-transaction", "--hex-blob", "--loose-set-gtid-purged=OFF"];
const WITHOUT_PROGRAMS = ["--skip-triggers", "--skip-routines", "--skip-events"];

/** @throws ApiError 400 for a request that Cloud SQL refuses at once */
export function checkUri(uri: string | null | undefined): { readonly bucket: string; readonly name: string } {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri ?? "") ?? [];
  if (bucket !== undefined && name !== undefined) return { bucket, name };
  throw new ApiError(400, "The request is invalid: the uri must be of the form gs://bucketName/fileName.", {
    reason: "invalid",
  });
}

/** @param all the databases of the instance: they are exported where the request names none */
export async function exportSql(
  backend: Backend,
  buckets: Buckets,
  context: ExportContext,
  all: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { bucket, name } = checkUri(context.uri);
  const named = context.databases ?? [];
  const { tables, schemaOnly } = context.sqlExportOptions ?? {};
  const options = [
    ...DUMP,
    ...WITHOUT_PROGRAMS,
    ...(schemaOnly ? ["--no-data"] : []),
    ...(tables && tables.length > 0 ? [...named, ...tables] : ["--databases", ...(named.length > 0 ? named : all)]),
  ];
  try {
    await buckets.write(bucket, name, dumped(backend, options, name.endsWith(".gz"), signal), NEW);
  } catch (error) {
    throw storageFailure(error, bucket, `gs://${bucket}/${name}`);
  }
}

/** A dump's bytes; ends well only if the tool did. */
async function* dumped(
  backend: Backend,
  options: readonly string[],
  compressed: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { child, ended } = backend.run("dump", backend.accounts.export, options, signal);
  const output = child.stdout as Readable;
  try {
    yield* compressed ? output.pipe(createGzip({ level: 1 })) : output;
    await settled(ended);
  } finally {
    // Left early: the bucket refused the object.
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "close");
  }
}

export async function importSql(
  backend: Backend,
  buckets: Buckets,
  context: ImportContext,
  signal: AbortSignal,
): Promise<void> {
  const { bucket, name } = checkUri(context.uri);
  let source: Readable;
  try {
    source = buckets.read(bucket, name);
  } catch (error) {
    throw storageFailure(error, bucket, `gs://${bucket}/${name}`);
  }
  const database = context.database ? [`--database=${context.database}`] : [];
  const { import: account } = backend.accounts;
  const { child, ended } = backend.run("client", account, ["--binary-mode", "--silent", ...database], signal);
  child.stdout?.resume();
  const stages = [...(name.endsWith(".gz") ? [createGunzip()] : []), child.stdin as NodeJS.WritableStream];
  // When the client stops, its input breaks; the reason is the client's to tell.
  const fed = pipeline([source, ...stages]).then(
    () => undefined,
    (error: Error) => error,
  );
  try {
    await settled(ended);
    const broken = await fed;
    if (broken) throw new OperationFailure("ERROR_RDBMS", broken.message, { cause: broken });
  } finally {
    if (signal.aborted) await backend.endSessions(account.user);
  }
}

/** @throws OperationFailure with what the tool printed, as Cloud SQL passes it on: it may quote a row */
export async function settled(ended: Promise<ToolEnd>): Promise<void> {
  const end = await ended;
  if (end.ok) return;
  throw new OperationFailure("ERROR_RDBMS", `exit status ${end.status ?? "unknown"}\n${end.error}`.trim());
}

function storageFailure(error: unknown, bucket: string, uri: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const options = { cause: error };
  if (error.code === 412) return new OperationFailure("ERROR_RDBMS", `The file ${uri} already exists.`, options);
  if (error.code === 404) return new OperationFailure("ERROR_RDBMS", `The object ${uri} does not exist.`, options);
  const message = `The service account does not have the required permissions for the bucket ${bucket}.`;
  return new OperationFailure("ERROR_RDBMS", message, options);
}
