// What Firestore's refusals mean, and what to do about each. Statuses are gRPC's: https://grpc.io/docs/guides/status-codes/
import { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import { sharedError } from "../api-error.ts";

const RETRY_AFTER_MS = 5_000;

export interface Place {
  readonly project: string;
  readonly database: string;
}

/** The error of a request as one of ours. Firestore's own text is kept as the cause alone. */
export function runStoreError(cause: unknown, place: Place, caller: string | undefined): unknown {
  const status = statusOf(cause);
  if (status !== undefined && TRANSIENT.has(status)) return unreachable(place, cause);
  const shared = sharedError(asHttp(cause), "Firestore", "firestore.googleapis.com");
  if (shared) return shared;
  const refusal = status === undefined ? undefined : REFUSALS[status];
  return refusal ? new FatalError(refusal.code, refusal.message(place, caller), { cause }) : cause;
}

/** Firestore did not take a request now, or in the time that it is given. */
export function unreachable({ project, database }: Place, cause?: unknown): RetryAfter {
  const status = statusOf(cause);
  return new RetryAfter(
    "RUN_STORE_UNREACHABLE",
    RETRY_AFTER_MS,
    `The Firestore database \`${database}\` in project \`${project}\` ${status === undefined ? "did not answer in time" : `cannot answer now (status ${status})`}. It is tried again.`,
    { cause },
  );
}

/** What a commit fails with when another writer was faster, or when nobody can tell whether it was done: look again. */
export function isWorthALook(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && (CONFLICTS.has(status) || TRANSIENT.has(status));
}

/** True for the refusal to create a document that is there. */
export function isAlreadyThere(error: unknown): boolean {
  return statusOf(error) === 6;
}

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE. */
const TRANSIENT = new Set([1, 2, 4, 8, 10, 13, 14]);

/** NOT_FOUND (a document that was removed since), ALREADY_EXISTS, FAILED_PRECONDITION. */
const CONFLICTS = new Set([5, 6, 9]);

interface Refusal {
  readonly code: string;
  readonly message: (place: Place, caller: string | undefined) => string;
}

const REFUSALS: Readonly<Record<number, Refusal>> = {
  3: {
    code: "RUN_STORE_REFUSED",
    message: ({ project, database }) =>
      `The Firestore database \`${database}\` in project \`${project}\` refuses a request as invalid; a document with more than 40,000 index entries is one. Run \`terraform apply\` in deploy/gcp/terraform, which leaves \`stages\` out of the indexes; else report it.`,
  },
  5: {
    code: "RUN_STORE_MISSING",
    message: ({ project, database }) =>
      `There is no Firestore database \`${database}\` in project \`${project}\`. Run \`terraform apply\` in deploy/gcp/terraform, which makes it.`,
  },
  7: {
    code: "RUN_STORE_DENIED",
    message: ({ project, database }, caller) =>
      `${caller === undefined ? "Whoever runs this" : `\`${caller}\``} may not use the Firestore database \`${database}\` in project \`${project}\`. Grant it \`roles/datastore.user\` on the project.`,
  },
  9: {
    code: "RUN_STORE_NOT_READY",
    message: ({ project, database }) =>
      `The Firestore database \`${database}\` in project \`${project}\` lacks an index, or is not in Native mode. Run \`terraform apply\` in deploy/gcp/terraform; a new index takes some minutes.`,
  },
};

/** PERMISSION_DENIED and UNAUTHENTICATED as the REST API has them, with Google's own reason (`SERVICE_DISABLED`). */
function asHttp(error: unknown): unknown {
  const status = { 7: 403, 16: 401 }[statusOf(error) ?? 0];
  if (!(error instanceof Error) || status === undefined) return error;
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : "";
  return Object.assign(new Error(error.message, { cause: error }), { status, errors: [{ reason }] });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;
}
