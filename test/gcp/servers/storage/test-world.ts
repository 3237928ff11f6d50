// A bucket on the test's Cloud Storage, and the vendor's own client in front of it, with credentials.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Bucket, Storage, type StorageOptions } from "@google-cloud/storage";
import { afterTest } from "../../../support/cleanup.ts";
import { type MetadataServer, startMetadataServer } from "../metadata.ts";
import { type Grant, ROLES } from "./grants.ts";
import type { Notification, NotificationConfig } from "./notifications.ts";
import { startStorageServer, type StorageServer } from "./server.ts";

export const BUCKET = "dumps";
/** Holds `roles/storage.objectAdmin` on the bucket. */
export const ADMIN = "admin@understudy.iam.gserviceaccount.com";
/** Holds nothing, but what a test grants. */
export const OTHER = "other@understudy.iam.gserviceaccount.com";

export interface StorageWorld {
  readonly server: StorageServer;
  readonly metadata: MetadataServer;
  /** The server's own directory. */
  readonly directory: string;
  readonly grants: Grant[];
  readonly published: { readonly topic: string; readonly message: Notification }[];
  /** The bucket as ADMIN. */
  readonly bucket: Bucket;
  bucketAs(email: string, options?: StorageOptions): Promise<Bucket>;
  /** A request by hand, as ADMIN. */
  send(path: string, init?: Omit<RequestInit, "headers"> & { headers?: Record<string, string> }): Promise<Response>;
}

export async function openStorageWorld(
  t: TestContext,
  options: { readonly maxPage?: number; readonly notifications?: readonly NotificationConfig[] } = {},
): Promise<StorageWorld> {
  const { maxPage = 3, notifications = [] } = options;
  const metadata = await startMetadataServer({ project: "understudy", accounts: [ADMIN, OTHER] });
  afterTest(t, () => metadata.close());
  const directory = await mkdtemp(join(tmpdir(), "storage-world-"));
  afterTest(t, () => rm(directory, { recursive: true }));
  const grants: Grant[] = [{ bucket: BUCKET, member: ADMIN, permissions: ROLES["roles/storage.objectAdmin"] }];
  const published: StorageWorld["published"] = [];
  const server = await startStorageServer({
    ...{ directory, grants, maxPage, authorize: metadata.emailOf },
    buckets: [{ name: BUCKET, notifications }],
    publish: async (topic, message) => published.push({ topic, message }),
  });
  afterTest(t, () => server.close());

  /** Application Default Credentials, as a process that runs as this account finds them. */
  async function bucketAs(email: string, more: StorageOptions = {}): Promise<Bucket> {
    process.env["GOOGLE_CLOUD_PROJECT"] = "understudy"; // or the library asks gcloud first, for half a second
    process.env["GCE_METADATA_HOST"] = metadata.hostOf(email);
    const storage = new Storage({ apiEndpoint: server.url, useAuthWithCustomEndpoint: true, ...more });
    await storage.authClient.getAccessToken(); // kept for an hour: another client may ask another address meanwhile
    return storage.bucket(BUCKET);
  }

  const bucket = await bucketAs(ADMIN);
  return {
    ...{ server, metadata, directory, grants, published, bucket, bucketAs },
    async send(path, init = {}) {
      const token = await bucket.storage.authClient.getAccessToken();
      return fetch(new URL(path, server.url), {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      });
    },
  };
}
