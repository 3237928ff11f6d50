// The gcp world: Pub/Sub, Firestore, Cloud Storage, Cloud SQL and Secret Manager as the platform.
import type { Platform, Role } from "../../contracts/platform.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import { systemClock } from "../local/clock.ts";
import { openCloudAuth } from "./auth.ts";
import { openPubSubBus, type PubSubBus } from "./bus.ts";
import { endpointsOf } from "./endpoints.ts";
import { lazily } from "./lazily.ts";
import { firestoreDatabase } from "./names.ts";
import { type CloudObjectStore, openCloudObjects } from "./objects/object-store.ts";
import { type FirestoreRunStore, openFirestoreRunStore } from "./run-store.ts";
import { openCloudSecrets } from "./secrets.ts";

/** Cloud SQL's operations take minutes, and each look counts against a quota. UNDERSTUDY_POLL_MS sets both. */
const FIRST_POLL_MS = 2_000;
const LONGEST_POLL_MS = 30_000;

/** Production is exported by Cloud SQL itself: no session is opened there. */
const READABLE: readonly Role[] = ["replica", "staging"];

export interface GcpPlatform extends Platform {
  readonly bus: PubSubBus;
  readonly runs: FirestoreRunStore;
  readonly objects: CloudObjectStore;
  close(): Promise<void>;
}

export interface GcpPlatformOptions {
  /** Where Google's services are, where not in their usual places; `process.env` for a program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens a pipeline's platform. Each part loads its library, and looks for credentials, when it is first used: a
 * function pays for what its stage touches.
 */
export function openGcpPlatform(contract: CloudContract, { environment }: GcpPlatformOptions): GcpPlatform {
  const auth = openCloudAuth(contract);
  const endpoints = endpointsOf(environment);
  const bus = openPubSubBus(contract, { auth });
  const runs = openFirestoreRunStore({ project: contract.project, database: firestoreDatabase(contract), auth });
  const secrets = openCloudSecrets({ auth, endpoints });
  const pollMs = Number(environment["UNDERSTUDY_POLL_MS"]) || undefined;
  const poll = { firstMs: pollMs ?? FIRST_POLL_MS, longestMs: pollMs ?? LONGEST_POLL_MS };
  const databases = lazily(async () => {
    const { openCloudDatabases } = await import("./databases.ts");
    return openCloudDatabases(contract, { auth, endpoints, secrets });
  });
  const sql = lazily(async () => {
    const { openCloudSqlAdmin } = await import("./sql-admin/sql-admin.ts");
    return openCloudSqlAdmin(contract, { auth, endpoints, clock: systemClock, poll });
  });
  return {
    ...{ bus, runs, secrets, clock: systemClock },
    objects: openCloudObjects(contract, { auth, endpoints }),
    sql: { poll, ...sql.methods("find", "start", "get", "cancel") },
    databases: { readable: READABLE, ...databases.methods("identify", "read", "write", "room") },
    async close() {
      await Promise.all([bus.close(), runs.close(), databases.opened?.then((opened) => opened.close())]);
    },
  };
}
