// Secrets by reference: `secret://PROJECT/NAME` is a secret's newest version in Secret Manager, `secret://PROJECT/NAME/VERSION` that one.
import { FatalError, RetryAfter } from "../../contracts/errors.ts";
import type { Secrets } from "../../contracts/platform.ts";
import { apiFailure, BUSY_RETRY_MS, sharedError } from "./api-error.ts";
import type { CloudAuth } from "./auth.ts";
import { crc32c } from "./crc32c.ts";
import type { Endpoints } from "./endpoints.ts";

interface Reference {
  readonly project: string;
  readonly name: string;
  /** A number, an alias, or `latest`. */
  readonly version: string;
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access */
interface Accessed {
  readonly payload?: { readonly data?: string; /** An int64, as JSON has them. */ readonly dataCrc32c?: string };
}

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Reads secrets from Secret Manager, each time anew: a rotated one counts at once, and none stays in memory.
 *
 * One line break at a secret's end is not part of it: `echo … | gcloud secrets versions add --data-file=-` leaves it there,
 * and no password means it.
 */
export function openCloudSecrets({
  auth,
  endpoints,
}: {
  readonly auth: CloudAuth;
  readonly endpoints: Pick<Endpoints, "secretManager">;
}): Secrets {
  return {
    /** @throws FatalError SECRET_REFERENCE_UNKNOWN, SECRET_MISSING, SECRET_DENIED, SECRET_NOT_TEXT; RetryAfter GOOGLE_UNAVAILABLE, SECRET_DAMAGED */
    async read(reference) {
      const asked = parseReference(reference);
      const { project, name, version } = asked;
      const path = [project, "secrets", name, "versions", version].map(encodeURIComponent).join("/");
      let accessed: Accessed;
      try {
        const { data } = await auth.google.request<Accessed>({
          url: `${endpoints.secretManager}/v1/projects/${path}:access`,
          timeout: REQUEST_TIMEOUT_MS,
          retry: true,
        });
        accessed = data;
      } catch (error) {
        throw await secretError(error, asked, auth);
      }
      return textOf(bytesOf(accessed, reference), reference);
    },
  };
}

/** @throws FatalError SECRET_REFERENCE_UNKNOWN */
export function parseReference(reference: string): Reference {
  const [, project, name, version] = /^secret:\/\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(reference) ?? [];
  if (project !== undefined && name !== undefined) return { project, name, version: version ?? "latest" };
  // Not quoted: what is no reference may be a secret.
  throw new FatalError(
    "SECRET_REFERENCE_UNKNOWN",
    "A secret reference is not of the form `secret://PROJECT/NAME`. Write it so in sync.yaml.",
  );
}

async function secretError(error: unknown, { project, name, version }: Reference, auth: CloudAuth): Promise<unknown> {
  const shared = sharedError(error, "Secret Manager", "secretmanager.googleapis.com");
  const failure = apiFailure(error);
  if (shared || !failure) return shared ?? error;
  const secret = `The secret \`${name}\` of project \`${project}\``;
  if (failure.status === 403) {
    const message = `${secret} may not be read by ${await auth.callerInWords()}, or is not there. Grant \`roles/secretmanager.secretAccessor\` on it, or correct the reference in sync.yaml; then replay the run.`;
    return new FatalError("SECRET_DENIED", message, { cause: error });
  }
  if (failure.status === 404) {
    const what = version === "latest" ? "or has no version yet" : `or not in version \`${version}\``;
    const message = `${secret} is not there, ${what}. Add it (\`gcloud secrets versions add ${name} --project=${project} --data-file=-\`), or correct the reference in sync.yaml; then replay the run.`;
    return new FatalError("SECRET_MISSING", message, { cause: error });
  }
  if (failure.status === 400 && failure.reason === "FAILED_PRECONDITION") {
    const message = `${secret} cannot be read in version \`${version}\`: it is disabled or destroyed. Enable it, or add a version; then replay the run.`;
    return new FatalError("SECRET_MISSING", message, { cause: error });
  }
  return error;
}

/** The bytes, compared with the checksum that came with them. */
function bytesOf({ payload }: Accessed, reference: string): Buffer {
  const bytes = Buffer.from(payload?.data ?? "", "base64");
  if (payload?.dataCrc32c === undefined || Number(payload.dataCrc32c) === crc32c(bytes)) return bytes;
  throw new RetryAfter(
    "SECRET_DAMAGED",
    BUSY_RETRY_MS,
    `The secret \`${reference}\` arrived damaged. It is read again.`,
  );
}

function textOf(bytes: Buffer, reference: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    // No cause: it may quote the bytes.
    throw new FatalError(
      "SECRET_NOT_TEXT",
      `The secret \`${reference}\` is not text in UTF-8. Add a version that is, then replay the run.`,
    );
  }
}
