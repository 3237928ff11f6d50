// What Google's APIs and client libraries say when a request fails, in one shape, and the failures that all of them share.
import { FatalError, RetryAfter } from "../../contracts/errors.ts";

/** Google's own advice for a first wait: https://cloud.google.com/storage/docs/retry-strategy */
export const BUSY_RETRY_MS = 2_000;

export interface ApiFailure {
  /** HTTP; undefined when no answer came. */
  readonly status: number | undefined;
  /** `conditionNotMet`, `SERVICE_DISABLED`: the API's word for it, or Node's code (`ECONNREFUSED`). */
  readonly reason: string;
  /** Google's sentence, for looking into; it is never shown whole. */
  readonly text: string;
}

/** A request's failure, whichever library made it (one throws the answer's body as it is); undefined for anything else. */
export function apiFailure(error: unknown): ApiFailure | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { status: answered, response, code, errors, message } = error as LibraryError;
  const given = response?.data?.error;
  const body: ErrorBody | undefined = typeof given === "string" ? { status: given } : given; // a token server has one word
  const status = asStatus(answered) ?? asStatus(response?.status) ?? asStatus(code);
  const detail = Array.isArray(body?.details) ? body.details.find(({ reason }) => reason)?.reason : undefined;
  const reason = detail ?? body?.errors?.[0]?.reason ?? errors?.[0]?.reason ?? body?.status ?? systemCode(error) ?? "";
  if (status === undefined && reason === "") return undefined;
  return { status, reason, text: body?.message ?? message ?? "" };
}

/** What a permission is called, where Google's sentence names one: `storage.objects.get`. */
export function permissionIn({ text }: ApiFailure, service: string): string | undefined {
  return new RegExp(`\\b${service}(?:\\.[a-zA-Z]+){2}\\b`).exec(text)?.[0];
}

/**
 * The failures that have nothing to do with what was asked for.
 *
 * @param what the service, as a sentence begins with it: `Cloud Storage`
 * @param api its name for `gcloud services enable`
 * @returns RetryAfter GOOGLE_UNAVAILABLE; FatalError CREDENTIALS_MISSING, CREDENTIALS_REFUSED, API_NOT_ENABLED, BILLING_DISABLED;
 *   or undefined
 */
export function sharedError(error: unknown, what: string, api: string): FatalError | RetryAfter | undefined {
  const because = { cause: error };
  if (
    error instanceof Error &&
    /Could not load the default credentials|Unable to detect a Project/i.test(error.message)
  ) {
    const message = `${what} was called with no credentials. Run as a service account, or run \`gcloud auth application-default login\`.`;
    return new FatalError("CREDENTIALS_MISSING", message, because);
  }
  const failure = apiFailure(error);
  if (!failure) return undefined;
  const { status, reason, text } = failure;
  if (status === undefined || status === 408 || status === 429 || status >= 500) {
    const answer = status === undefined ? `did not answer (${reason})` : `answered ${status} (${reason || "busy"})`;
    return new RetryAfter("GOOGLE_UNAVAILABLE", BUSY_RETRY_MS, `${what} ${answer}. It is tried again.`, because);
  }
  if (status === 401 || reason === "invalid_grant") {
    const message = `${what} does not accept the credentials: they have ended or were withdrawn. Run \`gcloud auth application-default login\`, or see to the service account; then replay the run.`;
    return new FatalError("CREDENTIALS_REFUSED", message, because);
  }
  if (["SERVICE_DISABLED", "accessNotConfigured"].includes(reason)) {
    const message = `The API of ${what} is not enabled in the project. Run \`gcloud services enable ${api}\`, wait a minute, then replay the run.`;
    return new FatalError("API_NOT_ENABLED", message, because);
  }
  if (["BILLING_DISABLED", "accountDisabled"].includes(reason) || /billing account .*(disabled|absent)/i.test(text)) {
    const message = `${what} refuses: the project has no billing account that is open. Link one, then replay the run.`;
    return new FatalError("BILLING_DISABLED", message, because);
  }
  return undefined;
}

/** https://cloud.google.com/apis/design/errors#http_mapping */
interface ErrorBody {
  readonly message?: string;
  readonly status?: string;
  readonly errors?: readonly { readonly reason?: string }[];
  readonly details?: readonly { readonly reason?: string }[];
}

/** What gaxios, googleapis and @google-cloud/storage make of an answer. */
interface LibraryError {
  readonly message?: string;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly errors?: readonly { readonly reason?: string }[];
  readonly response?: {
    readonly status?: unknown;
    readonly data?: {
      readonly error?: string | ErrorBody;
    };
  };
}

function asStatus(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && number >= 100 && number < 600 ? number : undefined;
}

const CONNECTION_CODES =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_\w+)$/;

/** Node's code for a connection that failed; libraries wrap the error that has it. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    if ("code" in inner && typeof inner.code === "string" && CONNECTION_CODES.test(inner.code)) return inner.code;
  }
  // gaxios names its own time limit by a code.
  const names = [error.name, "code" in error ? error.code : undefined];
  if (names.includes("AbortError") || names.includes("TimeoutError")) return "ETIMEDOUT";
  return /premature close|socket hang up|network timeout/i.test(error.message) ? "ECONNRESET" : undefined;
}
