// What Pub/Sub's refusals mean, and what to do about each.
import { FatalError, isFatal, RetryAfter } from "../../contracts/errors.ts";
import { sharedError } from "./api-error.ts";

/** The client has tried for half a minute already. */
const RETRY_AFTER_MS = 10_000;

interface Place {
  readonly event: string;
  readonly topic: string;
  readonly project: string;
  /** The account that publishes, where it is known. */
  readonly caller: string | undefined;
}

/** The error of a publishing as one of ours. The broker's own text is kept as the cause alone. */
export function publishError(cause: unknown, place: Place): FatalError | RetryAfter {
  const shared = sharedError(cause, "Pub/Sub", "pubsub.googleapis.com");
  const status = statusOf(cause);
  const refusal = status === undefined ? undefined : REFUSALS[status];
  if (isFatal(shared)) return shared;
  if (isDisabled(cause)) return apiDisabled(cause);
  if (refusal) return new FatalError(refusal.code, refusal.message(place), { cause });
  const { event, topic, project } = place;
  return new RetryAfter(
    "PUBSUB_UNAVAILABLE",
    RETRY_AFTER_MS,
    `Pub/Sub did not take a \`${event}\` event on \`${topic}\` in project \`${project}\`${status === undefined ? "" : ` (status ${status})`}. It is tried again.`,
    { cause },
  );
}

interface Refusal {
  readonly code: string;
  readonly message: (place: Place) => string;
}

/** By gRPC's status: https://grpc.io/docs/guides/status-codes/ */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  3: {
    code: "EVENT_REFUSED",
    message: ({ event, topic, project }) =>
      `Pub/Sub refuses a \`${event}\` event: the schema of \`${topic}\` in project \`${project}\` is not this version's. Run \`terraform apply\` with this version's schemas.`,
  },
  5: {
    code: "TOPIC_MISSING",
    message: ({ topic, project }) =>
      `There is no topic \`${topic}\` in project \`${project}\`. Run \`terraform apply\` in deploy/gcp/terraform, which makes it.`,
  },
  7: {
    code: "PUBLISH_DENIED",
    message: ({ topic, project, caller }) =>
      `${caller === undefined ? "Whoever runs this" : `\`${caller}\``} may not publish on \`${topic}\` in project \`${project}\`. Grant it \`roles/pubsub.publisher\` on that topic.`,
  },
  16: {
    code: "CREDENTIALS_REFUSED",
    message: () =>
      "Pub/Sub does not accept the credentials: they have ended or were withdrawn. Run `gcloud auth application-default login`, or see to the service account; then replay the run.",
  },
};

/** @grpc/grpc-js tells Google's own reason beside the status. */
function isDisabled(error: unknown): boolean {
  return error instanceof Error && "reason" in error && error.reason === "SERVICE_DISABLED";
}

function apiDisabled(cause: unknown): FatalError {
  const message =
    "The API of Pub/Sub is not enabled in the project. Run `gcloud services enable pubsub.googleapis.com`, wait a minute, then replay the run.";
  return new FatalError("API_NOT_ENABLED", message, { cause });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;
}
