// A request that the Cloud SQL Admin API refused, in a sentence: what happened, and what to do.
// https://cloud.google.com/sql/docs/mysql/admin-api/error-messages
import { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import { type ApiFailure, apiFailure, sharedError } from "../api-error.ts";
import { BUCKET_PERMISSION, bucketPermissionAdvice } from "./bucket-permission.ts";
import type { Facts, InstanceFacts } from "./facts.ts";
import { describeInstance, type InstanceName } from "./operation.ts";

/** What was asked for. */
export interface Asked {
  readonly instance: InstanceName;
  /** The permission that the caller needs: https://cloud.google.com/sql/docs/mysql/iam-permissions */
  readonly permission: string;
  /** A predefined role that holds it. */
  readonly role: string;
  /** The object, of an export or an import. */
  readonly uri?: string;
  readonly database?: string;
  /** What a 404 says where something else than the instance is missing. */
  readonly missing?: { readonly code: string; readonly message: string };
}

interface Case {
  readonly failure: ApiFailure;
  readonly asked: Asked;
  readonly facts: Facts;
  /** Asked for where the reason is the instance's state. */
  readonly instance: InstanceFacts;
}

interface Meaning {
  readonly matches: (of: Case) => boolean;
  readonly code: string;
  /** It mends itself: how long to wait, in milliseconds. */
  readonly retryMs?: number;
  /** Nothing failed: see RetryAfter. */
  readonly busy?: boolean;
  readonly says: (of: Case) => string | Promise<string>;
}

const BUSY_MS = 30_000;
/** Quotas are by the minute: https://cloud.google.com/sql/docs/quotas */
const QUOTA_MS = 60_000;

/** The first that matches. */
const MEANINGS: readonly Meaning[] = [
  { matches: reasonIs("operationInProgress"), code: "OPERATION_IN_PROGRESS", retryMs: BUSY_MS, busy: true, says: busy },
  {
    matches: reasonIs("accessNotConfigured", "SERVICE_DISABLED"),
    code: "API_NOT_ENABLED",
    says({ failure: { text }, asked }) {
      const [, project = asked.instance.project] = /\bin project ([\w.:-]+)/.exec(text) ?? [];
      return `The Cloud SQL Admin API is not enabled in project \`${project}\`. Run \`gcloud services enable sqladmin.googleapis.com --project=${project}\`, wait a few minutes, then replay the run.`;
    },
  },
  {
    matches: ({ failure: { status, reason } }) => status === 429 || /rateLimit|quota|RESOURCE_EXHAUSTED/i.test(reason),
    code: "CLOUD_SQL_QUOTA_EXCEEDED",
    retryMs: QUOTA_MS,
    says: ({ asked }) =>
      `The minute's quota of requests to the Cloud SQL Admin API is used up (asked about ${describeInstance(asked.instance)}). The stage tries again by itself; where it happens often, raise the quota in the console.`,
  },
  {
    matches: ({ failure }) => BUCKET_PERMISSION.test(failure.text),
    code: "BUCKET_PERMISSION_MISSING",
    says: ({ facts, asked, failure }) => bucketPermissionAdvice(facts, asked.instance, asked.uri, failure.text),
  },
  {
    // The metadata server's answer and not the API's, whatever its status.
    matches: ({ failure }) => /\brefresh access token\b|\bretrieve an access token\b/.test(failure.text),
    code: "CREDENTIALS_REFUSED",
    says: () =>
      "There is no access token for the Cloud SQL Admin API. See to the service account that the function or the machine runs as, then replay the run.",
  },
  {
    matches: reasonIs("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    code: "CREDENTIALS_TOO_NARROW",
    says: async ({ facts }) =>
      `The access token of ${await whoCalls(facts)} lacks the scope \`https://www.googleapis.com/auth/cloud-platform\`. Give the function or the machine that scope, then replay the run.`,
  },
  {
    matches: ({ failure: { status, reason } }) => status === 403 && !/billing|accountDisabled/i.test(reason),
    code: "CLOUD_SQL_PERMISSION_MISSING",
    says: lacksPermission,
  },
  {
    matches: ({ failure, asked: { database } }) =>
      database !== undefined && /\bdatabase\b.*(?:does not exist|not found|unknown)/i.test(failure.text),
    code: "DATABASE_MISSING",
    says: ({ asked }) =>
      `There is no database \`${asked.database}\` on ${describeInstance(asked.instance)}. Create it or correct sync.yaml, then replay the run.`,
  },
  {
    matches: ({ failure }) => failure.status === 404,
    code: "INSTANCE_MISSING",
    says: ({ asked }) => `There is no ${describeInstance(asked.instance)}. Correct sync.yaml, then replay the run.`,
  },
  {
    matches: ({ instance }) => instance.notRunning !== undefined,
    code: "INSTANCE_NOT_RUNNING",
    says: ({ asked: { instance }, instance: { notRunning } }) =>
      `The ${describeInstance(instance)} does not run (${notRunning}). Start it with \`gcloud sql instances patch ${instance.name} --project=${instance.project} --activation-policy=ALWAYS\`, or see in the console what it lacks; then replay the run.`,
  },
  // Of an instance that runs it is said while something else is at work on it.
  { matches: reasonIs("invalidState"), code: "OPERATION_IN_PROGRESS", retryMs: BUSY_MS, busy: true, says: busy },
];

/**
 * The error to throw for what the client threw; one that has nothing to do with a request comes back as it is.
 *
 * @returns RetryAfter or FatalError of the table above or of `sharedError`, the error of `asked.missing`, or FatalError
 *   CLOUD_SQL_REFUSED
 */
export async function apiError(error: unknown, asked: Asked, facts: Facts): Promise<unknown> {
  const failure = apiFailure(error);
  const because = { cause: error };
  if (failure?.status === 404 && asked.missing) {
    return new FatalError(asked.missing.code, asked.missing.message, because);
  }
  if (failure?.status !== undefined) {
    const instance = failure.reason === "invalidState" ? await facts.instance(asked.instance) : {};
    const of = { failure, asked, facts, instance };
    const meaning = MEANINGS.find(({ matches }) => matches(of));
    if (meaning) return errorOf(meaning, await meaning.says(of), because);
  }
  const shared = sharedError(error, "The Cloud SQL Admin API", "sqladmin.googleapis.com");
  return shared ?? (failure ? refused(failure, asked, because) : error);
}

/** True unless the API has said that it does not do it: then its answer may only have been lost, or cannot be read. */
export function mayHaveBeenDone(error: unknown): boolean {
  const status = apiFailure(error)?.status;
  return status === undefined || status >= 500;
}

function errorOf(meaning: Meaning, message: string, because: ErrorOptions): FatalError | RetryAfter {
  const { code, retryMs, busy: isBusy = false } = meaning;
  return retryMs === undefined
    ? new FatalError(code, message, because)
    : new RetryAfter(code, retryMs, message, { ...because, busy: isBusy });
}

/** A refusal's own text may be told: the request was read and not done, so it knows no row. */
function refused({ status, reason, text }: ApiFailure, { instance }: Asked, because: ErrorOptions): FatalError {
  const said = text.replaceAll(/\s+/g, " ").slice(0, 300) || reason;
  return new FatalError(
    "CLOUD_SQL_REFUSED",
    `The Cloud SQL Admin API refused a request about ${describeInstance(instance)} with ${status}: ${said} Mend that, then replay the run.`,
    because,
  );
}

function reasonIs(...reasons: readonly string[]): Meaning["matches"] {
  return ({ failure }) => reasons.includes(failure.reason);
}

function busy({ asked }: Case): string {
  return `The ${describeInstance(asked.instance)} is busy with another operation. The stage tries again when it may have ended.`;
}

/** One that may not look is not told whether there is anything: https://cloud.google.com/sql/docs/mysql/known-issues */
async function lacksPermission({ facts, asked: { instance, permission, role } }: Case): Promise<string> {
  const caller = await facts.caller();
  const kind = caller?.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user";
  const who = caller === undefined ? "The account that calls" : `\`${caller}\``;
  // https://cloud.google.com/sql/docs/mysql/iam-roles, since 2026-09-28
  const viewers = permission === "cloudsql.instances.export" ? " (the viewer roles no longer hold it)" : "";
  return (
    `${who} may not use \`${permission}\` on ${describeInstance(instance)}, or there is no such instance. ` +
    `Grant it a role with that permission${viewers}, for example with \`gcloud projects add-iam-policy-binding ` +
    `${instance.project} --member=${caller === undefined ? "MEMBER" : `${kind}:${caller}`} --role=${role}\`, wait a few minutes, then replay the run.`
  );
}

async function whoCalls(facts: Facts): Promise<string> {
  const caller = await facts.caller();
  return caller === undefined ? "the account that calls" : `\`${caller}\``;
}
