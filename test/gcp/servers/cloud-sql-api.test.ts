// The test's Cloud SQL Admin API besides exports and imports: what it tells, what it refuses, what it lets go wrong.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, createDatabase, mainServer, startTestServer } from "../../support/servers.ts";
import type { Grant } from "./cloud-sql/api.ts";
import { REFUSALS } from "./cloud-sql/faults.ts";
import { BUCKET, OPERATOR, openTestWorld, PROJECT, refusal, STRANGER, type TestWorld } from "./cloud-sql/test-world.ts";

const AT = { project: PROJECT, instance: "shop-replica" } as const;
const URI = `gs://${BUCKET}/runs/one/dump.sql`;
const IMPORT = { ...AT, requestBody: { importContext: { fileType: "SQL", uri: URI } } };

test("an instance tells what it is", async (t) => {
  const { api } = await openTestWorld(t, {
    resource: {
      databaseVersion: "MYSQL_8_0",
      settings: { userLabels: { role: "replica" }, ipConfiguration: { ipv4Enabled: true } },
    },
  });
  const { data } = await api.instances.get(AT);
  assert.equal(data.connectionName, `${PROJECT}:europe-west1:shop-replica`);
  assert.equal(data.databaseVersion, "MYSQL_8_0");
  assert.equal(data.serviceAccountEmailAddress, "p1234567890-shop-replica@gcp-sa-cloud-sql.iam.gserviceaccount.com");
  assert.equal(data.state, "RUNNABLE");
  assert.equal(data.instanceType, "CLOUD_SQL_INSTANCE");
  assert.deepEqual(data.settings?.userLabels, { role: "replica" });
  assert.deepEqual(
    data.ipAddresses?.map(({ type }) => type),
    ["PRIMARY", "PRIVATE"],
  );
  assert.deepEqual(data.settings?.backupConfiguration, {
    ...{ kind: "sql#backupConfiguration", enabled: false, binaryLogEnabled: false },
  });
  const { data: list } = await api.instances.list({ project: PROJECT });
  assert.deepEqual(list.items, [data]);
  assert.deepEqual((await api.instances.list({ project: "another" })).data.items, []);
});

test("a caller without the permission is refused, and so is one without a token", async (t) => {
  const world = await openTestWorld(t);
  const stranger = world.as(STRANGER);
  const calls = () => [
    stranger.instances.get(AT),
    stranger.instances.import(IMPORT),
    stranger.instances.export({ ...AT, requestBody: { exportContext: { fileType: "SQL", uri: URI } } }),
    stranger.operations.list({ project: PROJECT }),
    stranger.databases.list(AT),
    stranger.backupRuns.insert({ ...AT, requestBody: {} }),
  ];
  for (const call of calls()) assert.equal(await refusal(call), "403 notAuthorized");
  grant(world, "instances.get", "shop-production");
  assert.equal(await refusal(stranger.instances.get(AT)), "403 notAuthorized");
  const answer = await fetch(`${world.server.url}/v1/projects/${PROJECT}/instances/shop-replica`);
  assert.equal(answer.status, 401);
  assert.deepEqual(world.server.requests, []);
  assert.equal(world.server.refused.filter(({ email }) => email === STRANGER).length, 7);
});

test("an instance that is not there is told only to who may ask", async (t) => {
  const { api, as } = await openTestWorld(t);
  const nowhere = { project: PROJECT, instance: "no-such" };
  assert.equal(await refusal(api.instances.get(nowhere)), "404 instanceDoesNotExist");
  assert.equal(await refusal(api.instances.get({ ...AT, project: "another" })), "404 instanceDoesNotExist");
  assert.equal(await refusal(as(STRANGER).instances.get(nowhere)), "403 notAuthorized");
  const operation = { project: PROJECT, operation: "no-such" };
  assert.equal(await refusal(api.operations.get(operation)), "404 operationDoesNotExist");
});

test("every accepted request is written down with its caller and instance", async (t) => {
  const { api, server, done, bucket } = await openTestWorld(t);
  await bucket.write(BUCKET, "runs/one/dump.sql", bytes("SELECT 1;\n"));
  await done(await api.instances.import(IMPORT));
  const [first, second] = server.requests;
  const path = `/v1/projects/${PROJECT}/instances/shop-replica/import`;
  assert.deepEqual(first, { email: OPERATOR, api: "instances.import", method: "POST", path, instance: "shop-replica" });
  assert.deepEqual([second?.api, second?.instance], ["operations.get", "shop-replica"]);
});

test("an instance does one operation at a time, and a serverless export stands in nothing's way", async (t) => {
  const { api, server, bucket, done } = await openTestWorld(t);
  await bucket.write(BUCKET, "runs/one/dump.sql", bytes("SELECT 1;\n"));
  const database = await createDatabase(t, mainServer());
  const exporting = (name: string, offload: boolean) =>
    api.instances.export({
      ...AT,
      requestBody: {
        exportContext: { fileType: "SQL", uri: `gs://${BUCKET}/${name}`, databases: [database], offload },
      },
    });

  const importing = server.faults.hold({ type: "IMPORT" });
  const first = await api.instances.import(IMPORT);
  for (const offload of [true, false]) assert.equal(await refusal(exporting("no", offload)), "409 operationInProgress");
  assert.equal(await refusal(api.instances.import(IMPORT)), "409 operationInProgress");
  assert.equal(await refusal(api.backupRuns.insert({ ...AT, requestBody: {} })), "409 operationInProgress");
  server.busyStatus = 403;
  assert.equal(await refusal(api.instances.import(IMPORT)), "403 operationInProgress");
  importing.release();
  assert.equal((await done(first)).error, undefined);

  const offloaded = server.faults.hold({ type: "EXPORT" });
  const serverless = await exporting("one", true);
  assert.equal(await refusal(exporting("two", true)), "403 operationInProgress");
  await done(await api.instances.import(IMPORT));
  offloaded.release();
  assert.equal((await done(serverless)).error, undefined);
});

test("operations are listed the newest first, in pages", async (t) => {
  const { api, bucket, done } = await openTestWorld(t);
  await bucket.write(BUCKET, "runs/one/dump.sql", bytes("SELECT 1;\n"));
  const names: unknown[] = [];
  for (let count = 0; count < 3; count++) names.unshift((await done(await api.instances.import(IMPORT))).name);
  const { data: first } = await api.operations.list({ ...AT, maxResults: 2 });
  assert.deepEqual(
    first.items?.map(({ name }) => name),
    names.slice(0, 2),
  );
  const { data: rest } = await api.operations.list({ ...AT, maxResults: 2, pageToken: first.nextPageToken ?? "" });
  assert.deepEqual(
    rest.items?.map(({ name }) => name),
    names.slice(2),
  );
  assert.equal(rest.nextPageToken, undefined);
  assert.equal(rest.items?.[0]?.importContext?.uri, URI);
});

test("a request can be refused as often as a test wants", async (t) => {
  const { api, server } = await openTestWorld(t);
  server.faults.request({ method: "instances.import", refuse: REFUSALS.rateLimitExceeded(), times: 2 });
  server.faults.request({ method: "instances.import", refuse: REFUSALS.backendError() });
  server.faults.request({ method: "instances.import", instance: "another", refuse: REFUSALS.notAuthorized() });
  const answers: string[] = [];
  for (let count = 0; count < 4; count++) answers.push(await refusal(api.instances.import(IMPORT)));
  assert.deepEqual(answers, ["429 rateLimitExceeded", "429 rateLimitExceeded", "503 backendError", "accepted"]);
});

test("of a request whose answer is lost the operation is in the list; one that never arrived left none", async (t) => {
  const { api, server, done } = await openTestWorld(t);
  const list = async () => (await api.operations.list(AT)).data.items ?? [];
  server.faults.request({ method: "instances.import", drop: "before" });
  await assert.rejects(api.instances.import(IMPORT));
  assert.deepEqual(await list(), []);
  server.faults.request({ method: "instances.import", drop: "after" });
  await assert.rejects(api.instances.import(IMPORT));
  const [operation, ...others] = await list();
  assert.deepEqual(others, []);
  assert.ok(operation);
  assert.equal((await done({ data: operation })).status, "DONE");
});

test("an operation can fail in every way that is known, also without a word", async (t) => {
  const { api, server, done, bucket } = await openTestWorld(t);
  await bucket.write(BUCKET, "runs/one/dump.sql", bytes("SELECT 1;\n"));
  server.faults.fail({ type: "IMPORT" }, "UNKNOWN");
  server.faults.fail({ type: "IMPORT", moment: "after" }, "ERROR_RDBMS", "exit status 1");
  const errors = [await done(await api.instances.import(IMPORT)), await done(await api.instances.import(IMPORT))].map(
    ({ error }) => error?.errors,
  );
  const kind = "sql#operationError";
  assert.deepEqual(errors, [[{ kind, code: "UNKNOWN" }], [{ kind, code: "ERROR_RDBMS", message: "exit status 1" }]]);
});

test("an import that is cancelled in the middle leaves a part", async (t) => {
  const database = await createDatabase(t, mainServer());
  const session = await connect(t, mainServer(), database);
  const { api, done, bucket } = await openTestWorld(t);
  const slow = "SELECT SLEEP(30);\n";
  await bucket.write(
    BUCKET,
    "runs/one/dump.sql",
    bytes(`USE ${database};\nCREATE TABLE one (id INT);\n${slow}CREATE TABLE two (id INT);\n`),
  );
  const started = await api.instances.import(IMPORT);
  const tables = async () => {
    const [rows] = await session.query({ sql: "SHOW TABLES", rowsAsArray: true });
    return (rows as unknown[][]).flat();
  };
  while ((await tables()).length === 0) await sleep(20);
  const cancel = { project: PROJECT, operation: started.data.name ?? "" };
  assert.deepEqual((await api.operations.cancel(cancel)).data, {});
  assert.ok((await done(started)).error);
  assert.deepEqual(await tables(), ["one"]);
  const sleeping = async () => {
    const [rows] = await session.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'");
    return (rows as unknown[]).length;
  };
  // The server notices a moment later that nobody listens; the statement itself would take half a minute.
  for (let looks = 0; looks < 100 && (await sleeping()) > 0; looks++) await sleep(50);
  assert.equal(await sleeping(), 0);
  await api.operations.cancel(cancel); // does nothing
});

test("databases are listed, made and dropped", async (t) => {
  const there = await createDatabase(t, mainServer());
  const made = `${there}_made`;
  const { api, done } = await openTestWorld(t, { owns: (database) => database.startsWith(there) });
  const names = async () => ((await api.databases.list(AT)).data.items ?? []).map(({ name }) => name);
  assert.deepEqual(
    (await names()).filter((name) => !["mysql", "sys"].includes(name ?? "")),
    ["information_schema", "performance_schema", there],
  );
  const insert = () =>
    api.databases.insert({ ...AT, requestBody: { name: made, charset: "utf8mb4", collation: "utf8mb4_bin" } });
  const operation = await done(await insert());
  assert.deepEqual([operation.operationType, operation.error], ["CREATE_DATABASE", undefined]);
  assert.equal(await refusal(insert()), "400 databaseAlreadyExists");
  const { data } = await api.databases.get({ ...AT, database: made });
  assert.deepEqual([data.charset, data.collation], ["utf8mb4", "utf8mb4_bin"]);
  await done(await api.databases.delete({ ...AT, database: made }));
  assert.equal(await refusal(api.databases.delete({ ...AT, database: made })), "404 notFound");
});

test("users are listed, service accounts by their short name", async (t) => {
  const email = `shop-mask@${PROJECT}.iam.gserviceaccount.com`;
  const { api } = await openTestWorld(t, { iamUsers: [{ email, privileges: [] }] });
  const items = (await api.users.list(AT)).data.items ?? [];
  assert.deepEqual(
    items.filter(({ type }) => type === "CLOUD_IAM_SERVICE_ACCOUNT"),
    [
      {
        ...{ kind: "sql#user", project: PROJECT, instance: "shop-replica", host: "%" },
        ...{ type: "CLOUD_IAM_SERVICE_ACCOUNT", name: "shop-mask", iamEmail: email },
      },
    ],
  );
});

test("a backup brings back what was there, with triggers and routines, and nothing that came later", async (t) => {
  const on = (await startTestServer(t)).test;
  const session = await connect(t, on);
  for (const statement of [
    "CREATE DATABASE shop",
    "USE shop",
    "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)",
    "INSERT INTO notes VALUES (1, 'kept')",
    "CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW SET NEW.body = 'changed'",
    "CREATE PROCEDURE p() SELECT 1",
  ]) {
    await session.query(statement);
  }
  const { api, done } = await openTestWorld(t, { on });
  const operation = await done(await api.backupRuns.insert({ ...AT, requestBody: { description: "before run 7" } }));
  assert.equal(operation.operationType, "BACKUP_VOLUME");
  const id = operation.backupContext?.backupId ?? "";
  const { data: backup } = await api.backupRuns.get({ ...AT, id });
  assert.deepEqual([backup.status, backup.description, backup.type], ["SUCCESSFUL", "before run 7", "ON_DEMAND"]);
  const second = await done(await api.backupRuns.insert({ ...AT, requestBody: {} }));
  const { data: list } = await api.backupRuns.list(AT);
  assert.deepEqual(
    list.items?.map((run) => run.id),
    [second.backupContext?.backupId, id],
  );

  await session.query("DROP DATABASE shop");
  await session.query("CREATE DATABASE later");
  const restoring = await api.instances.restoreBackup({
    ...AT,
    requestBody: { restoreBackupContext: { backupRunId: id, instanceId: AT.instance, project: PROJECT } },
  });
  const restored = await done(restoring);
  assert.deepEqual([restored.operationType, restored.error], ["RESTORE_VOLUME", undefined]);
  await session.query("USE shop");
  const [rows] = await session.query("SELECT * FROM notes");
  assert.deepEqual(rows, [{ id: 1, body: "kept" }]);
  await session.query("CALL p()");
  await session.query("INSERT INTO notes VALUES (2, 'own')");
  const [[changed]] = (await session.query("SELECT body FROM notes WHERE id = 2")) as unknown as [[{ body: string }]];
  assert.equal(changed.body, "changed");
  await assert.rejects(session.query("USE later"));

  await done(await api.backupRuns.delete({ ...AT, id }));
  assert.equal(await refusal(api.backupRuns.get({ ...AT, id })), "404 backupRunDoesNotExist");
});

test("what an instance gets on its MySQL server is gone when it is closed", async (t: TestContext) => {
  const session = await connect(t, mainServer());
  const accounts = async () => {
    const [rows] = await session.query("SELECT User FROM mysql.user WHERE User LIKE 'left-%'");
    return rows;
  };
  await t.test("while it is open", async (inner) => {
    await openTestWorld(inner, { iamUsers: [{ email: "left-over@p.iam.gserviceaccount.com", privileges: [] }] });
    assert.deepEqual(await accounts(), [{ User: "left-over" }]);
  });
  assert.deepEqual(await accounts(), []);
});

function grant({ grants }: TestWorld, verb: string, instance: string): void {
  const added: Grant = { email: STRANGER, permission: `cloudsql.${verb}`, instance };
  grants.push(added);
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
