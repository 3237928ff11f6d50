// Cloud Storage's JSON API on a directory: https://cloud.google.com/storage/docs/json_api
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Authorize, type Call, callerOf, startHttpServer } from "../http.ts";
import { type Account, openAccount } from "./account.ts";
import { type Bucket, type BucketConfig, openBucket } from "./bucket.ts";
import { bucketRoutes } from "./bucket-routes.ts";
import type { Grant } from "./grants.ts";
import { openNotifier, type Publish } from "./notifications.ts";
import { objectRoutes } from "./object-routes.ts";
import { withPartialResponses } from "./partial.ts";
import { uploadRoutes } from "./upload-routes.ts";

export interface StorageServerOptions {
  /** Where objects' bytes are; the buckets in it are made empty, and removed by `close`. */
  readonly directory: string;
  readonly buckets: readonly BucketConfig[];
  /** Read for every request: an entry that is added or taken away counts from then on. */
  readonly grants: readonly Grant[];
  readonly authorize: Authorize;
  /** Where the buckets' notifications go. */
  readonly publish?: Publish;
  /** The most objects that one page of a list holds; Cloud Storage's is 1,000. */
  readonly maxPage?: number;
}

export interface StorageServer {
  /** For a client's `apiEndpoint`. */
  readonly url: string;
  /** The same operations within this process, with the permissions of a service account. */
  as(email: string): Account;
  close(): Promise<void>;
}

export async function startStorageServer(options: StorageServerOptions): Promise<StorageServer> {
  const { directory, grants, authorize, publish = async () => undefined, maxPage = 1000 } = options;
  const buckets = new Map<string, Bucket>();
  const shared = { buckets, grants, maxPage };
  const notifier = openNotifier(publish, () => server.url);
  for (const config of options.buckets) {
    const onChange = notifier.notify.bind(notifier, config.notifications ?? []);
    buckets.set(config.name, openBucket(config, join(directory, config.name), onChange));
  }

  const accountOf = (call: Call) => openAccount(shared, callerOf(call, authorize));
  const server = await startHttpServer(
    withPartialResponses({
      ...uploadRoutes(accountOf),
      ...objectRoutes(accountOf),
      ...bucketRoutes(accountOf, grants),
    }),
  );
  return {
    url: server.url,
    as: (email) => openAccount(shared, email),
    async close() {
      await server.close();
      await notifier.close();
      for (const name of buckets.keys())
        await rm(join(directory, name), { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
