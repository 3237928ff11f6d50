// The operation that a request has started, if it has: the API knows no idempotency keys, so its lists are searched.
import { z } from "zod";
import type { OperationRequest } from "../../../contracts/platform.ts";
import type { SqlAdminClient } from "./client.ts";
import { CloudOperation, type InstanceName, OPERATION_TYPES } from "./operation.ts";

/**
 * How far back. It is looked for when a process ended between starting an operation and noting it; its message comes
 * again within the subscription's retention, seven days.
 */
const HORIZON_MS = 7 * 24 * 60 * 60 * 1000;

/** A page of a list: an instance has a few operations a day. */
const PAGE = 100;

const BackupRun = z.object({ id: z.string(), description: z.string().nullish(), enqueuedTime: z.string().nullish() });

interface Search {
  readonly client: SqlAdminClient;
  readonly instance: InstanceName;
  readonly now: Date;
}

/**
 * The newest operation that does what `request` asks for, whether it still runs or has ended.
 *
 * An export or import is known by its object, whose name belongs to one attempt; a backup by its description, which is
 * the request's key. A restore has nothing that tells it from another: one that still runs is taken for it.
 */
export async function findOperation(
  search: Search,
  request: OperationRequest,
  uri: string | undefined,
): Promise<CloudOperation | undefined> {
  const matches = await matcherOf(search, request, uri);
  if (!matches) return undefined;
  for await (const operation of operations(search)) {
    if (operation.operationType === OPERATION_TYPES[request.type] && matches(operation)) return operation;
  }
  return undefined;
}

async function matcherOf(
  search: Search,
  { type, key }: OperationRequest,
  uri: string | undefined,
): Promise<((operation: CloudOperation) => boolean) | undefined> {
  if (type === "export") return ({ exportContext }) => exportContext?.uri === uri;
  if (type === "import") return ({ importContext }) => importContext?.uri === uri;
  if (type === "restore") return ({ status }) => status !== "DONE";
  const backup = await findBackup(search, key);
  return backup === undefined ? undefined : ({ backupContext }) => backupContext?.backupId === backup;
}

/** The id of the backup with this description. */
async function findBackup(search: Search, description: string): Promise<string | undefined> {
  for await (const run of backupRuns(search)) if (run.description === description) return run.id;
  return undefined;
}

/** An instance's operations of late, the newest first. */
function operations({ client, instance: { project, name }, now }: Search): AsyncGenerator<CloudOperation> {
  return newest(now, async (page) => {
    const { data } = await client.operations.list({ project, instance: name, maxResults: PAGE, ...page });
    const items = z.array(CloudOperation).parse(data.items ?? []);
    return { items: items.map((item) => ({ item, time: item.insertTime })), next: data.nextPageToken };
  });
}

function backupRuns({ client, instance: { project, name }, now }: Search): AsyncGenerator<z.infer<typeof BackupRun>> {
  return newest(now, async (page) => {
    const { data } = await client.backupRuns.list({ project, instance: name, maxResults: PAGE, ...page });
    const items = z.array(BackupRun).parse(data.items ?? []);
    return { items: items.map((item) => ({ item, time: item.enqueuedTime })), next: data.nextPageToken };
  });
}

interface Page<Item> {
  readonly items: readonly { readonly item: Item; readonly time: string | null | undefined }[];
  readonly next: string | null | undefined;
}

/** Reads on until a whole page is older than the horizon: lists are sorted by another time than the one that is told. */
async function* newest<Item>(
  now: Date,
  fetch: (page: { pageToken?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  const isOld = (time: string | null | undefined) => !!time && now.getTime() - Date.parse(time) > HORIZON_MS;
  for (let page = await fetch({}); ; page = await fetch({ pageToken: page.next })) {
    for (const { item, time } of page.items) if (!isOld(time)) yield item;
    if (!page.next || (page.items.length > 0 && page.items.every(({ time }) => isOld(time)))) return;
  }
}
