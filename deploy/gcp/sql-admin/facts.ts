// What an error needs to name, and only an error asks for: who calls, and what the instance is like.
import type { CloudAuth } from "../auth.ts";
import type { SqlAdminClient } from "./client.ts";
import type { InstanceName } from "./operation.ts";

/** Over in minutes: https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#SqlInstanceState */
export const PASSING_STATES: ReadonlySet<string> = new Set([
  "MAINTENANCE",
  "ONLINE_MAINTENANCE",
  "PENDING_CREATE",
  "REPAIRING",
]);

export interface InstanceFacts {
  /** The account that the instance itself reads and writes buckets as. */
  readonly serviceAccount?: string;
  /** Why it does nothing until somebody acts, in words; undefined while it runs or soon will. */
  readonly notRunning?: string;
}

/** Neither throws: an error's words must not hang on another request. */
export interface Facts {
  /** The account that calls; undefined where its credentials do not tell. */
  caller(): Promise<string | undefined>;
  /** Empty where the caller may not look. */
  instance(instance: InstanceName): Promise<InstanceFacts>;
}

export function openFacts(client: SqlAdminClient, auth: CloudAuth): Facts {
  return {
    caller: () => auth.email().catch(() => undefined),
    async instance({ project, name }) {
      try {
        const { data } = await client.instances.get({ project, instance: name });
        const { serviceAccountEmailAddress: account, state, settings } = data;
        const notRunning = settings?.activationPolicy === "NEVER" ? "stopped by its owner" : stateInWay(state);
        return { ...(account ? { serviceAccount: account } : {}), ...(notRunning ? { notRunning } : {}) };
      } catch {
        return {};
      }
    },
  };
}

/** RUNNABLE is also an instance that its owner stopped. */
function stateInWay(state: string | null | undefined): string | undefined {
  return !state || state === "RUNNABLE" || PASSING_STATES.has(state) ? undefined : state;
}
