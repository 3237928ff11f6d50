// The one place that makes a client of the Cloud SQL Admin API.
import { sqladmin, type sqladmin_v1 } from "@googleapis/sqladmin";
import type { GoogleAuth } from "google-auth-library";
import type { Endpoints } from "../endpoints.ts";

export type SqlAdminClient = sqladmin_v1.Sqladmin;

/** Every answer is small and comes at once: an operation goes on by itself. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * A client that calls as `auth`.
 *
 * It tries a GET again, up to three times within about two seconds, after no answer, a 429 or a 5xx. It never repeats
 * a POST: whether a lost one has started an operation must be looked up first.
 */
export function openSqlAdminClient(endpoints: Pick<Endpoints, "sqlAdmin">, auth: GoogleAuth): SqlAdminClient {
  return sqladmin({
    version: "v1",
    rootUrl: endpoints.sqlAdmin,
    auth,
    timeout: REQUEST_TIMEOUT_MS,
    retryConfig: { retry: 3, noResponseRetries: 3, httpMethodsToRetry: ["GET"] },
  });
}
