// The SQL admin on Cloud SQL: lost answers, busy instances, other processes, cancelling, and what its servers really refuse.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { FatalError } from "../../../contracts/errors.ts";
import type { Clock, OperationRequest } from "../../../contracts/platform.ts";
import { openCloudSql, STAGE, STRANGER, type SqlWorld } from "../../gcp/open-sql.ts";
import { REFUSALS } from "../../gcp/servers/cloud-sql/faults.ts";
import { ApiError } from "../../gcp/servers/http.ts";
import { ended, instanceOn, once } from "../../platform/world.ts";
import { connect, createDatabase, mainServer } from "../../support/servers.ts";

/** Time stands still, and waiting costs none. */
const impatient: Clock = { now: () => new Date(), sleep: async () => undefined };

test("production's export is offloaded to a temporary instance, the replica's is not", async (t) => {
  const world = await openShop(t);
  for (const role of ["production", "replica"] as const) {
    const request = { type: "export", key: role, role, database: world.database, object: `runs/one/${role}.sql.gz` };
    await done(world, request as OperationRequest);
  }
  const contexts = (await operations(world)).map(({ exportContext }) => exportContext);
  assert.deepEqual(
    contexts.map((context) => [context?.uri, context?.offload, context?.databases, context?.sqlExportOptions]),
    [
      ["gs://shop-dumps/team/runs/one/production.sql.gz", true, [world.database], undefined],
      ["gs://shop-dumps/team/runs/one/replica.sql.gz", false, [world.database], undefined],
    ],
  );
});

test("a request whose answer was lost is found, and not sent again", async (t) => {
  const world = await openShop(t);
  for (const request of await everyRequest(world)) {
    world.server.faults.request({ method: METHODS[request.type], drop: "after" });
    const hold = world.server.faults.hold({ type: TYPES[request.type] }); // Cloud SQL's take minutes
    const name = await world.platform.sql.start(request);
    hold.release();
    assert.equal((await ended(world.platform, name)).error, undefined, request.type);
    assert.equal(sent(world, request).length, 1, request.type);
  }
});

test("a request that got lost on its way is worth another attempt", async (t) => {
  const world = await openShop(t);
  const sql = await world.as(STAGE, impatient);
  for (const request of await everyRequest(world)) {
    world.server.faults.request({ method: METHODS[request.type], drop: "before" });
    await assert.rejects(sql.start(request), { name: "RetryAfter", code: "GOOGLE_UNAVAILABLE" });
    assert.equal((await ended({ sql }, await sql.start(request))).error, undefined);
    assert.equal(sent(world, request).length, 1, request.type);
  }
});

test("another process finds what was started, while it runs and when it has ended", async (t) => {
  const world = await openShop(t);
  const { sql } = world.platform;
  for (const request of await everyRequest(world)) {
    const another = await world.as(STAGE);
    assert.equal(await another.find(request), undefined, request.type);
    const hold = world.server.faults.hold({ type: TYPES[request.type] });
    const name = await sql.start(request);
    await hold.reached;
    assert.equal(await another.find(request), name, request.type);
    hold.release();
    await ended(world.platform, name);
    // A restore says nothing of what it restored: one that has ended could be anybody's.
    assert.equal(await another.find(request), request.type === "restore" ? undefined : name, request.type);
    const next = { ...request, key: "another", ...("object" in request ? { object: "runs/one/another.sql.gz" } : {}) };
    assert.equal(await another.find(next), undefined, request.type);
  }
});

test("a busy instance is known by the reason, whatever the status", async (t) => {
  const world = await openShop(t);
  const [first, second] = await everyRequest(world);
  world.server.faults.hold({ type: "EXPORT" });
  const name = await world.platform.sql.start({ ...first, role: "replica" });
  for (const status of [409, 403] as const) {
    world.server.busyStatus = status;
    await assert.rejects(world.platform.sql.start(second), {
      name: "RetryAfter",
      code: "OPERATION_IN_PROGRESS",
      message: /`shop-replica` of project `shop-project` is busy/,
    });
  }
  await world.platform.sql.cancel(name);
});

test("a look is tried again, a start is not", async (t) => {
  const world = await openShop(t);
  const sql = await world.as(STAGE, impatient);
  const [request] = await everyRequest(world);
  const { faults, refused } = world.server;
  faults.request({ method: "instances.export", refuse: REFUSALS.backendError() });
  await assert.rejects(sql.start(request), { name: "RetryAfter", code: "GOOGLE_UNAVAILABLE" });
  assert.equal(refused.filter(({ api }) => api === "instances.export").length, 1);

  const name = await sql.start(request);
  faults.request({ method: "operations.get", refuse: REFUSALS.backendError(), times: 2 });
  assert.equal((await ended({ sql }, name)).error, undefined);
});

test("a backup cannot be cancelled: its end is waited for", async (t) => {
  const world = await openShop(t);
  const { sql } = world.platform;
  const hold = world.server.faults.hold({ type: "BACKUP_VOLUME" });
  const name = await sql.start({ type: "backup", key: "b", role: "staging", database: world.database });
  await hold.reached;
  let isOver = false;
  const cancelling = sql.cancel(name).then(() => (isOver = true));
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(isOver, false);
  hold.release();
  await cancelling;
  const operation = await sql.get(name);
  assert.ok(operation.status === "DONE" && operation.error === undefined && operation.backup);
});

test("an operation that cannot be cancelled yet is cancelled when it can", async (t) => {
  const world = await openShop(t);
  const { sql } = world.platform;
  const [request] = await everyRequest(world);
  const notYet = new ApiError(400, "Invalid request: You can't cancel operation x because it isn't in progress.");
  world.server.faults.hold({ type: "EXPORT" });
  world.server.faults.request({ method: "operations.cancel", refuse: notYet, times: 2 });
  const name = await sql.start(request);
  await sql.cancel(name);
  assert.partialDeepStrictEqual(await sql.get(name), { error: { code: "OPERATION_CANCELLED", retryable: false } });
});

test("one that may not cancel is told so, and one that does not end is not waited for without end", async (t) => {
  const world = await openShop(t);
  const [request] = await everyRequest(world);
  world.server.faults.hold({ type: "EXPORT" });
  const name = await world.platform.sql.start(request);
  world.grants.push({ email: STRANGER, permission: "cloudsql.instances.get", instance: "*" });
  const stranger = await world.as(STRANGER);
  await assert.rejects(stranger.cancel(name), { name: "FatalError", code: "CLOUD_SQL_PERMISSION_MISSING" });

  world.server.faults.request({ method: "operations.cancel", refuse: new ApiError(400, "No."), times: 100 });
  let minutes = 0;
  const fast: Clock = { now: () => new Date(minutes++ * 60_000), sleep: async () => undefined };
  const sql = await world.as(STAGE, fast);
  await assert.rejects(sql.cancel(name), { name: "RetryAfter", code: "OPERATION_NOT_ENDED" });
});

test("an operation that Cloud SQL has forgotten has ended", async (t) => {
  const { platform } = await openShop(t);
  const forgotten = "projects/shop-project/instances/shop-replica/operations/11111111-2222-3333-4444-555555555555";
  await platform.sql.cancel(forgotten);
  await assert.rejects(platform.sql.get(forgotten), {
    name: "FatalError",
    code: "OPERATION_UNKNOWN",
    message: /shop-replica/,
  });
  await assert.rejects(platform.sql.get("of-the-local-world"), { name: "FatalError", code: "OPERATION_UNKNOWN" });
});

test("what really goes wrong is told with what to do, and no row is quoted", async (t) => {
  const world = await openShop(t);
  const { platform, bucketGrants, accountOf, database } = world;
  const [toReplica, fromReplica] = [importOf(world, "import-1"), importOf(world, "import-2")];
  const failed = async (request: OperationRequest) => {
    const { error } = await ended(platform, await platform.sql.start(request));
    assert.ok(error);
    assert.doesNotMatch(error.message, /ann|secret/, "a row");
    return error;
  };

  await write(world, toReplica, "SELECT 1;\nCREATE DEFINER=`root`@`localhost` VIEW v AS SELECT 'secret';\n");
  assert.partialDeepStrictEqual(await failed(toReplica), { code: "DUMP_NEEDS_SUPER", retryable: false });

  await write(
    world,
    fromReplica,
    "CREATE TABLE t (a VARCHAR(20) PRIMARY KEY);\nINSERT INTO t VALUES ('ann'),('ann');\n",
  );
  const duplicate = await failed(fromReplica);
  assert.equal(duplicate.code, "IMPORT_FAILED");
  assert.match(
    duplicate.message,
    /`gs:\/\/shop-dumps\/team\/runs\/one\/import-2\.sql\.gz` failed at line 2 with MySQL error 1062 \(23000\)/,
  );

  const gone = await failed(importOf(world, "never-written"));
  assert.partialDeepStrictEqual(gone, { code: "OBJECT_GONE", retryable: false });

  const [toProductionsDump] = await everyRequest(world);
  await done(world, toProductionsDump);
  const overwriting = { ...toProductionsDump, role: "replica" } as OperationRequest;
  assert.partialDeepStrictEqual(await failed(overwriting), { code: "OBJECT_EXISTS", retryable: true });

  bucketGrants.splice(
    bucketGrants.findIndex(({ member }) => member === accountOf("production")),
    1,
  );
  const denied = await failed({
    ...{ type: "export", key: "d", role: "production" },
    ...{ database, object: "runs/one/denied.sql.gz" },
  });
  assert.partialDeepStrictEqual(denied, { code: "BUCKET_PERMISSION_MISSING", retryable: false });
  const command = `gcloud storage buckets add-iam-policy-binding gs://shop-dumps --member=serviceAccount:${accountOf("production")} --role=roles/storage.objectAdmin`;
  assert.ok(denied.message.includes(command), denied.message);
});

test("one that may not export is told which permission on which instance, and how to grant it", async (t) => {
  const world = await openShop(t);
  const [request] = await everyRequest(world);
  world.grants.push({ email: STRANGER, permission: "cloudsql.instances.get", instance: "*" });
  const stranger = await world.as(STRANGER);
  await assert.rejects(stranger.start(request), (error: FatalError) => {
    assert.equal(error.code, "CLOUD_SQL_PERMISSION_MISSING");
    for (const name of ["cloudsql.instances.export", STRANGER, "shop-production", "viewer roles no longer hold it"]) {
      assert.ok(error.message.includes(name), error.message);
    }
    return true;
  });
});

test("a backup of another instance, or that was deleted, is not there", async (t) => {
  const world = await openShop(t);
  const restore = { type: "restore", key: "r", role: "staging", database: world.database, backup: "1" } as const;
  await assert.rejects(world.platform.sql.start(restore), {
    name: "FatalError",
    code: "BACKUP_MISSING",
    message: /backup `1` of instance `shop-staging`/,
  });
});

const METHODS = {
  export: "instances.export",
  import: "instances.import",
  backup: "backupRuns.insert",
  restore: "instances.restoreBackup",
} as const;
const TYPES = { export: "EXPORT", import: "IMPORT", backup: "BACKUP_VOLUME", restore: "RESTORE_VOLUME" } as const;

interface Shop extends SqlWorld {
  readonly database: string;
}

/** A small database, which all three instances have. */
async function openShop(t: TestContext): Promise<Shop> {
  const database = await createDatabase(t, mainServer());
  const connection = await connect(t, mainServer());
  await connection.query(`CREATE TABLE \`${database}\`.notes (id INT PRIMARY KEY)`);
  const instance = instanceOn(mainServer(), database);
  const world = await openCloudSql(t, { production: instance, replica: instance, staging: instance });
  return { ...world, database };
}

/** One of each kind, which end well one after the other. */
async function everyRequest(world: Shop) {
  const { database } = world;
  const imported = importOf(world, "import-ok");
  await write(world, imported, "SELECT 1;\n");
  const made = await done(world, { type: "backup", key: "made before", role: "staging", database });
  return [
    { type: "export", key: "e", role: "production", database, object: "runs/one/production.sql.gz" },
    imported,
    { type: "backup", key: "run/backup-staging/1", role: "staging", database },
    { type: "restore", key: "r", role: "staging", database, backup: made.backup ?? "" },
  ] as const satisfies OperationRequest[];
}

function importOf({ database }: Shop, name: string) {
  return { type: "import", key: name, role: "replica", database, object: `runs/one/${name}.sql.gz` } as const;
}

async function write({ platform }: Shop, { object }: { readonly object: string }, sql: string): Promise<void> {
  await platform.objects.write(object, once(gzipSync(sql)));
}

async function done({ platform }: Shop, request: OperationRequest) {
  const operation = await ended(platform, await platform.sql.start(request));
  assert.equal(operation.error, undefined);
  return operation;
}

/** The requests that the server has accepted for one that starts an operation, but for what made ready. */
function sent({ server }: Shop, { type }: OperationRequest) {
  const all = server.requests.filter(({ api }) => api === METHODS[type]);
  return type === "backup" ? all.slice(1) : all;
}

async function operations({ api }: Shop) {
  const all = [];
  for (const instance of ["shop-production", "shop-replica"]) {
    all.push(...((await api.operations.list({ project: "shop-project", instance })).data.items ?? []));
  }
  return all;
}
