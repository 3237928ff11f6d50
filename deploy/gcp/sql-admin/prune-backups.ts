// Our own backups of an instance: Cloud SQL keeps on-demand ones until somebody deletes them, and bills for each.
import { z } from "zod";
import type { Clock } from "../../../contracts/platform.ts";
import type { SqlAdminClient } from "./client.ts";
import { CloudOperation, type InstanceName } from "./operation.ts";

/** The newest that stay when another one is to be made: three in all, as on one machine. */
const KEPT = 2;

/** A backup's description is its request's key, `RUN/backup-staging/ATTEMPT`; another's is nobody's of ours. */
const OURS = /^\d{8}-\d{6}-\d{3}-[0-9a-f]{6}\/backup-staging\/\d+$/;

const BackupRun = z.object({ id: z.string(), description: z.string().nullish(), type: z.string().nullish() });

/** A deletion keeps the instance busy for a moment; one that takes longer than these looks goes on by itself. */
const LOOKS = 30;

/**
 * Deletes all but the newest two of our own backups, and waits for that: a backup would be refused meanwhile.
 *
 * https://cloud.google.com/sql/docs/mysql/backup-recovery/backups#on-demand-backups
 */
export async function pruneBackups(
  { client, clock, lookMs }: { readonly client: SqlAdminClient; readonly clock: Clock; readonly lookMs: number },
  { project, name: instance }: InstanceName,
): Promise<void> {
  const ours: string[] = [];
  for (let pageToken: string | undefined; ;) {
    const { data } = await client.backupRuns.list({ project, instance, ...(pageToken && { pageToken }) });
    const runs = z.array(BackupRun).parse(data.items ?? []);
    ours.push(...runs.filter(isOurs).map(({ id }) => id));
    if (!data.nextPageToken) break;
    pageToken = data.nextPageToken;
  }
  // The newest come first.
  for (const id of ours.slice(KEPT)) {
    let operation = CloudOperation.parse((await client.backupRuns.delete({ project, instance, id })).data);
    for (let looks = 0; operation.status !== "DONE" && looks < LOOKS; looks++) {
      await clock.sleep(lookMs);
      operation = CloudOperation.parse((await client.operations.get({ project, operation: operation.name })).data);
    }
  }
}

function isOurs({ description, type }: z.infer<typeof BackupRun>): boolean {
  return type !== "AUTOMATED" && OURS.test(description ?? "");
}
