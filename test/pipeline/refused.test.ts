// What must be refused before it does harm, with a sentence that says where and what to do.
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { reportOf } from "../../contracts/report.ts";
import { DEFAULT_BUS_SETTINGS } from "../../deploy/local/subscriber.ts";
import { startTestServer } from "../support/servers.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { openPipeline, readLog, requestSync, stagingDigests, waitForRun, type Pipeline } from "../support/pipeline.ts";

test("a second request while a run is active is refused and recorded, and disturbs nothing", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  world.work?.start();
  const first = await requestSync(world);
  await waitForRun(world, first, (run) => run.stages["export-production"] !== undefined);
  const second = await requestSync(world);
  const refused = await waitForRun(world, second);
  assert.equal(refused.status, "refused");
  assert.match(refused.reason, new RegExp(first));
  assert.equal((await waitForRun(world, first)).status, "synced");
});

test("production given as staging under another address is refused before anything is opened for writing", async (t) => {
  const pipeline = await openPipeline(t);
  const before = await pipeline.query("production", "SELECT COUNT(*) AS n FROM shop.users");
  const port = await forward(t, pipeline.servers.production.port);
  // The same server behind another port, as a proxy or a second DNS name would give it; with rights to write, even.
  await pipeline.query("production", "GRANT ALL ON *.* TO understudy@'%'");
  const fooled = await openSame(t, pipeline, (text) =>
    text.replace(
      /^staging: .*$/m,
      `staging: { host: 127.0.0.1, port: ${port}, user: understudy, password: env:PRODUCTION_PASSWORD, database: shop }`,
    ),
  );
  const world = await fooled.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "failed");
  assert.equal(run.error.code, "SAME_SERVER");
  assert.match(run.error.message, /`production` and `staging`/);
  assert.deepEqual(Object.keys(run.stages), ["export-production"]);
  const beside = await pipeline.query(
    "production",
    "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'shop\\_%' OR schema_name LIKE '\\_under%'",
  );
  assert.deepEqual(beside, []);
  assert.deepEqual(await pipeline.query("production", "SELECT COUNT(*) AS n FROM shop.users"), before);
});

for (const [name, edit, code, words] of [
  [
    "a column that the contract does not name",
    (text: string) => text.replace("      phone: phone\n", ""),
    "CONTRACT_UNLISTED_COLUMNS",
    [/`?users/, /phone: \w+/],
  ],
  [
    "a table that does not exist",
    (text: string) => text.replace("    password_resets: truncate\n", "    password_rests: truncate\n"),
    "CONTRACT_",
    [/password_rests/, /password_resets/],
  ],
  [
    "a preserve rule for a table that does not exist",
    (text: string) => text.replace("table: companies", "table: companys"),
    "PRESERVE_",
    [/companys/, /companies/],
  ],
  [
    "a preserve rule whose condition staging does not parse",
    (text: string) => text.replace("where: is_demo = 1", "where: is_demo == 1"),
    "PRESERVE_WHERE",
    [/`companies` with MySQL error 1064/],
  ],
  [
    "a declared reference between types that do not fit",
    (text: string) => `${text}references:\n  - users.email → companies.created_at\n`,
    "PRESERVE_REFERENCE_",
    [/users\.email/],
  ],
] as const) {
  test(`${name} stops the run before production is exported`, async (t) => {
    const pipeline = await openPipeline(t, { edit });
    const staging = await stagingDigests(pipeline);
    const world = await pipeline.open();
    world.work?.start();
    const run = await waitForRun(world, await requestSync(world));
    assert.equal(run.status, "failed");
    assert.ok(run.error.code.startsWith(code), run.error.code);
    for (const word of words) assert.match(run.error.message, word);
    assert.equal(run.stages["export-production"]?.checkpoint, undefined, "no export was started");
    assert.deepEqual(await stagingDigests(pipeline), staging);
  });
}

test("a replica that holds somebody's tables is refused, and nothing of them is touched", async (t) => {
  const pipeline = await openPipeline(t);
  await pipeline.query("replica", "CREATE DATABASE shop");
  await pipeline.query("replica", "CREATE TABLE shop.precious (id INT PRIMARY KEY)");
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "failed");
  assert.equal(run.error.code, "REPLICA_NOT_OURS");
  assert.equal(run.stages["export-production"]?.checkpoint, undefined, "no export was started");
  await abandonRun(world.platform, pipeline.contract, run.runId, "The test says so.");
  assert.equal((await pipeline.query("replica", "SHOW TABLES FROM shop")).length, 1);
  await pipeline.query("replica", "DROP DATABASE shop");
  assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
});

test("a replica that writes a binary log is warned of in the report", async (t) => {
  const started = await Promise.all([
    startTestServer(t),
    startTestServer(t, { flags: ["--log-bin", "--binlog-format=ROW", "--server-id=2"] }),
    startTestServer(t),
  ]);
  const [production, replica, staging] = started.map((server) => server.test);
  const pipeline = await openPipeline(t, {
    servers: { production: production!, replica: replica!, staging: staging! },
  });
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced");
  assert.match(reportOf(run, new Date()).warnings?.join() ?? "", /binary log/);
});

test("a missing secret fails the run with the variable's name and its place in the contract", async (t) => {
  const pipeline = await openPipeline(t);
  const { REPLICA_PASSWORD: _gone, ...environment } = pipeline.environment;
  const world = await pipeline.open({ environment });
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "failed");
  assert.equal(run.error.code, "SECRET_MISSING");
  assert.match(run.error.message, /`REPLICA_PASSWORD`.*`replica\.password`/);
  assert.ok(!(await readLog(pipeline.directory)).includes(pipeline.environment["STAGING_PASSWORD"]!));
});

test("a wrong password fails the run at once, without five deliveries", async (t) => {
  const pipeline = await openPipeline(t);
  const environment = { ...pipeline.environment, STAGING_PASSWORD: "not the password" };
  const world = await pipeline.open({ environment, platformSettings: { bus: DEFAULT_BUS_SETTINGS } });
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "failed");
  assert.equal(run.error.code, "MYSQL_ACCESS_DENIED");
  assert.equal(run.stages["export-production"]?.failures, 0);
});

/** The same servers and directory under a changed contract. */
async function openSame(t: TestContext, pipeline: Pipeline, edit: (text: string) => string): Promise<Pipeline> {
  const same = await openPipeline(t, { servers: pipeline.servers, keep: true, edit });
  return { ...same, environment: Object.assign(same.environment, pipeline.environment) };
}

/** A TCP proxy to a port of this machine; gives its own. */
async function forward(t: TestContext, port: number): Promise<number> {
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => proxy.close());
  const address = proxy.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}
