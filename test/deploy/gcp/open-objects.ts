// The gcp world's object store on the test's Cloud Storage, through a proxy that can fail, as a service account.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openCloudAuth } from "../../../deploy/gcp/auth.ts";
import { type CloudObjectStore, openCloudObjects } from "../../../deploy/gcp/objects/object-store.ts";
import { type MetadataServer, startMetadataServer } from "../../gcp/servers/metadata.ts";
import { type Grant, ROLES } from "../../gcp/servers/storage/grants.ts";
import type { Notification, NotificationConfig } from "../../gcp/servers/storage/notifications.ts";
import { startStorageServer } from "../../gcp/servers/storage/server.ts";
import { afterTest } from "../../support/cleanup.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";

export const BUCKET = "dumps";
/** Holds `roles/storage.objectAdmin` on the bucket. */
export const STAGE = "shop-load-replica@understudy.iam.gserviceaccount.com";
/** Holds nothing. */
export const STRANGER = "stranger@understudy.iam.gserviceaccount.com";

export interface ObjectsWorld {
  readonly objects: CloudObjectStore;
  readonly proxy: FaultyProxy;
  /** The files of the test's Cloud Storage. */
  readonly directory: string;
  readonly grants: Grant[];
  /** The store as another account, or of another bucket. */
  as(email: string, dumps?: string): Promise<CloudObjectStore>;
  onPublish(listener: (message: Notification) => void): void;
}

export async function openStorageObjects(
  t: TestContext,
  options: {
    readonly prefix?: string;
    readonly notifications?: readonly NotificationConfig[];
    /** What the bucket says of itself. */
    readonly resource?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<ObjectsWorld> {
  const { prefix = "", notifications = [], resource = {} } = options;
  const metadata = await startMetadataServer({ project: "understudy", accounts: [STAGE, STRANGER] });
  afterTest(t, () => metadata.close());
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "objects-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const grants: Grant[] = [{ bucket: BUCKET, member: STAGE, permissions: ROLES["roles/storage.objectAdmin"] }];
  let publish: (message: Notification) => void = () => undefined;
  const server = await startStorageServer({
    ...{ directory, grants, authorize: metadata.emailOf, maxPage: 3 },
    buckets: [{ name: BUCKET, notifications, resource }],
    publish: async (_, message) => publish(message),
  });
  afterTest(t, () => server.close());
  const proxy = await startFaultyProxy(t, server.url);

  async function as(email: string, dumps = `gs://${BUCKET}${prefix}`): Promise<CloudObjectStore> {
    const auth = await authOf(metadata, email);
    return openCloudObjects({ dumps }, { auth, endpoints: { storage: proxy.url } });
  }

  const objects = await as(STAGE);
  return { objects, proxy, directory, grants, as, onPublish: (listener) => void (publish = listener) };
}

/** Application Default Credentials, as a process that runs as this account finds them. */
export async function authOf(metadata: MetadataServer, email: string) {
  process.env["GOOGLE_CLOUD_PROJECT"] = "understudy"; // or the connector's credentials ask gcloud, for half a second
  process.env["GCE_METADATA_HOST"] = metadata.hostOf(email);
  const auth = openCloudAuth({ project: "understudy" });
  await auth.google.getAccessToken(); // kept for an hour: another account may be asked for meanwhile
  await auth.email();
  return auth;
}
