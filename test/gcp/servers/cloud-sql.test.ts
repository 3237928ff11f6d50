// The test's Cloud SQL Admin API: exports and imports, and how their operations go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { connect, createDatabase, mainServer, servers } from "../../support/servers.ts";
import { BUCKET, OPERATOR, openTestWorld, PROJECT, refusal, type TestWorld } from "./cloud-sql/test-world.ts";

const AT = { project: PROJECT, instance: "shop-replica" } as const;
const DUMP = `gs://${BUCKET}/runs/one/production.sql.gz`;

/** Cloud SQL runs none older than 5.6, and that one's tools are gone. */
const SUPPORTED = servers().filter(({ version, flavour }) => flavour === "mariadb" || !version.startsWith("5."));

for (const on of SUPPORTED) {
  test(`${on.name}: what an export writes, an import loads`, async (t) => {
    const database = await createDatabase(t, on, "shop");
    const session = await connect(t, on, database);
    await session.query("CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, raw BLOB) CHARACTER SET utf8mb4");
    const rows = [
      [1, "a \0 b\r\nc\\n'\";-- 山田 😀", Buffer.from([0, 1, 13, 10, 26, 39, 92, 255])],
      [2, "system echo no", null],
    ];
    await session.query("INSERT INTO notes VALUES ?", [rows]);
    await session.query("CREATE VIEW bodies AS SELECT body FROM notes");
    await session.query("CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW SET NEW.body = 'changed'");
    await session.query("CREATE PROCEDURE p() SELECT 1");
    const world = await openTestWorld(t, { on });

    const ended = await exported(world, database);
    assert.equal(ended.error, undefined);
    const dump = await textOf(world);
    assert.match(dump, new RegExp(`CREATE DATABASE .*\`${database}\``));
    assert.match(dump, new RegExp(`USE \`${database}\``));
    assert.match(dump, /0x00010D0A1A275CFF/, "--hex-blob");
    assert.match(dump, /VIEW `bodies`/);
    assert.doesNotMatch(dump, /CREATE.*(?:TRIGGER|PROCEDURE)|GTID_PURGED/);

    const [was] = await session.query("SELECT *, HEX(body) AS bytes FROM notes");
    await session.query("DROP VIEW bodies");
    await session.query("DROP TABLE notes");
    // The view's definer is root: an import may not make it so.
    await put(world, dump.replaceAll(/DEFINER=`\w+`@`[^`]+` /g, ""));
    const { error } = await imported(world, { uri: DUMP });
    assert.equal(error, undefined);
    const [is] = await session.query("SELECT *, HEX(body) AS bytes FROM notes");
    assert.deepEqual(is, was);
  });

  test(`${on.name}: an import has no SUPER privilege`, async (t) => {
    const database = await createDatabase(t, on);
    const world = await openTestWorld(t, { on });
    for (const statement of [
      "CREATE DEFINER=`root`@`localhost` VIEW v AS SELECT 1",
      "SET SESSION sql_log_bin = 0",
      "SET GLOBAL max_connections = 10",
      "SELECT 1 INTO OUTFILE '/tmp/no'",
    ]) {
      await put(world, `${statement};\n`);
      const { error } = await imported(world, { uri: DUMP, database });
      assert.equal(error?.errors?.[0]?.code, "ERROR_RDBMS", statement);
      assert.match(
        error.errors[0].message ?? "",
        /^exit status 1\nERROR (?:1227 \(42000\) at line 1: Access denied; you need|1045 \(28000\) at line 1)/,
      );
    }
  });
}

test("an operation is pending, then running, then done, and says what was asked for", async (t) => {
  const database = await createDatabase(t, mainServer());
  const world = await openTestWorld(t);
  const hold = world.server.faults.hold({ type: "EXPORT" });
  const exportContext = { fileType: "SQL", uri: DUMP, databases: [database], offload: true };
  const { data: started } = await world.api.instances.export({ ...AT, requestBody: { exportContext } });
  assert.match(started.name ?? "", /^[\da-f]{8}-[\da-f]{4}-/);
  const link = `https://sqladmin.googleapis.com/v1/projects/${PROJECT}`;
  const { name, insertTime, ...rest } = started;
  assert.ok(insertTime);
  assert.deepEqual(rest, {
    ...{ kind: "sql#operation", status: "PENDING", operationType: "EXPORT", user: OPERATOR },
    ...{ targetId: "shop-replica", targetProject: PROJECT, targetLink: `${link}/instances/shop-replica` },
    selfLink: `${link}/operations/${name}`,
    exportContext: { kind: "sql#exportContext", ...exportContext },
  });
  await hold.reached;
  const { data: running } = await world.api.operations.get({ project: PROJECT, operation: name ?? "" });
  assert.equal(running.status, "RUNNING");
  assert.ok(running.startTime);
  assert.equal(running.endTime, undefined);
  hold.release();
  const done = await world.done({ data: started });
  assert.ok(done.endTime);
  assert.equal(done.error, undefined);
});

test("an object that exists fails the export's operation, not its request", async (t) => {
  const database = await createDatabase(t, mainServer());
  const world = await openTestWorld(t);
  await put(world, "-- there\n");
  const { error } = await exported(world, database);
  assert.equal(error?.errors?.[0]?.code, "ERROR_RDBMS");
  assert.match(error.errors[0].message ?? "", /already exists/);
  assert.equal(await textOf(world), "-- there\n");
});

test("an export of a database that is not there fails and leaves no object", async (t) => {
  const world = await openTestWorld(t);
  const { error } = await exported(world, "no_such_database");
  assert.match(error?.errors?.[0]?.message ?? "", /exit status \d\n.*Unknown database 'no_such_database'/s);
  assert.deepEqual(world.bucket.list(BUCKET).items, []);
});

test("an export is of what the request names: tables, the schema alone, or every database", async (t) => {
  const [database, other] = [await createDatabase(t, mainServer()), await createDatabase(t, mainServer())];
  const session = await connect(t, mainServer(), database);
  for (const table of ["one", "two"]) await session.query(`CREATE TABLE ${table} SELECT '${table}_row' AS body`);
  const world = await openTestWorld(t, { owns: (name) => [database, other].includes(name) });
  const dumpOf = async (context: object) => {
    const exportContext = { fileType: "SQL", uri: DUMP, ...context };
    const started = await world.api.instances.export({ ...AT, requestBody: { exportContext } });
    assert.equal((await world.done(started)).error, undefined);
    const dump = await textOf(world);
    world.bucket.remove(BUCKET, DUMP.slice(`gs://${BUCKET}/`.length));
    return ["USE", "`two`", "one_row", other].filter((part) => dump.includes(part));
  };
  const databases = [database];
  assert.deepEqual(await dumpOf({ databases, sqlExportOptions: { tables: ["one"] } }), ["one_row"]);
  assert.deepEqual(await dumpOf({ databases, sqlExportOptions: { schemaOnly: true } }), ["USE", "`two`"]);
  assert.deepEqual(await dumpOf({}), ["USE", "`two`", "one_row", other]);
});

test("the instance's own account needs the bucket", async (t) => {
  const database = await createDatabase(t, mainServer());
  const world = await openTestWorld(t);
  await put(world, "SELECT 1;\n");
  world.bucketGrants.splice(1);
  for (const { error } of [await exported(world, database), await imported(world, { uri: DUMP })]) {
    assert.deepEqual(error, {
      kind: "sql#operationErrors",
      errors: [
        {
          ...{ kind: "sql#operationError", code: "ERROR_RDBMS" },
          message: `The service account does not have the required permissions for the bucket ${BUCKET}.`,
        },
      ],
    });
  }
});

test("an import stops at its first error and tells what the client said", async (t) => {
  const database = await createDatabase(t, mainServer());
  const session = await connect(t, mainServer(), database);
  const world = await openTestWorld(t);
  await put(world, "CREATE TABLE one (id INT);\nNO SUCH STATEMENT;\nCREATE TABLE two (id INT);\n");
  const { error } = await imported(world, { uri: DUMP, database });
  assert.match(error?.errors?.[0]?.message ?? "", /ERROR 1064 \(42000\) at line 2/);
  assert.deepEqual(await tablesOf(session), ["one"]);
});

test("a USE in the file wins over the request's database, which must be there all the same", async (t) => {
  const [asked, named] = [await createDatabase(t, mainServer()), await createDatabase(t, mainServer())];
  const session = await connect(t, mainServer(), named);
  const world = await openTestWorld(t);
  await put(world, `USE \`${named}\`;\nCREATE TABLE here (id INT);\n`);
  assert.equal((await imported(world, { uri: DUMP, database: asked })).error, undefined);
  assert.deepEqual(await tablesOf(session), ["here"]);
  const { error } = await imported(world, { uri: DUMP, database: "no_such" });
  assert.match(error?.errors?.[0]?.message ?? "", /ERROR 1049 \(42000\).*Unknown database 'no_such'/);
});

test("a request that cannot be meant is refused at once", async (t) => {
  const { api } = await openTestWorld(t);
  for (const importContext of [{ fileType: "SQL", uri: "/tmp/dump" }, { fileType: "BAK", uri: DUMP }, {}]) {
    assert.equal(await refusal(api.instances.import({ ...AT, requestBody: { importContext } })), "400 invalid");
  }
});

/** Puts an object there that an import finds. */
async function put({ bucket }: TestWorld, sql: string): Promise<void> {
  await bucket.write(BUCKET, DUMP.slice(`gs://${BUCKET}/`.length), [gzipSync(sql)] as never);
}

async function textOf({ bucket }: TestWorld): Promise<string> {
  const pieces = await bucket.read(BUCKET, DUMP.slice(`gs://${BUCKET}/`.length)).toArray();
  return gunzipSync(Buffer.concat(pieces)).toString();
}

async function exported({ api, done }: TestWorld, database: string) {
  const exportContext = { fileType: "SQL", uri: DUMP, databases: [database] };
  return done(await api.instances.export({ ...AT, requestBody: { exportContext } }));
}

async function imported({ api, done }: TestWorld, context: { uri: string; database?: string }) {
  return done(await api.instances.import({ ...AT, requestBody: { importContext: { fileType: "SQL", ...context } } }));
}

async function tablesOf(session: Awaited<ReturnType<typeof connect>>): Promise<unknown[]> {
  const [rows] = await session.query({ sql: "SHOW TABLES", rowsAsArray: true });
  return (rows as unknown[][]).flat();
}
