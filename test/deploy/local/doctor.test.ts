// The doctor of the local world on real servers: silent on a healthy pipeline, one line for each thing that is spoiled.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test, type TestContext } from "node:test";
import type { Finding } from "../../../contracts/examination.ts";
import { checkPrivileges } from "../../../deploy/local/doctor/privileges.ts";
import { createAccount } from "../../../deploy/local/servers/accounts.ts";
import { openLocalWorld } from "../../../deploy/local/world.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { afterTest } from "../../support/cleanup.ts";
import { openPipeline, type Pipeline, testLog } from "../../support/pipeline.ts";
import { connect, createDatabase, servers, startTestServer } from "../../support/servers.ts";

async function collect(examination: AsyncIterable<Finding>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examination) findings.push(finding);
  return findings;
}

/** What is not ok, as `area: check: status`. */
async function complaints(pipeline: Pipeline, environment = pipeline.environment): Promise<string[]> {
  const world = await pipeline.open({ environment });
  const findings = await collect(world.examine());
  assert.ok(findings.length > 10, `${findings.length} findings`);
  return findings
    .filter(({ status }) => status !== "ok")
    .map(({ area, check, status, detail }) => `${area}: ${check}: ${status}: ${detail}`);
}

const NO_BINARY_LOG = ["--skip-log-bin"];

async function openHealthy(t: TestContext): Promise<Pipeline> {
  const [production, replica, staging] = await Promise.all(
    ["production", "replica", "staging"].map((name) => startTestServer(t, { name, flags: NO_BINARY_LOG })),
  );
  return openPipeline(t, {
    rows: 50,
    servers: { production: production!.test, replica: replica!.test, staging: staging!.test },
  });
}

test("a healthy pipeline has nothing to complain of; each spoiled thing gives its line", async (t) => {
  const pipeline = await openHealthy(t);
  const { query } = pipeline;
  assert.deepEqual(await complaints(pipeline), []);

  const SPOILED: readonly {
    readonly role: "production" | "replica" | "staging";
    readonly spoil: readonly string[];
    readonly mend: readonly string[];
    readonly line: RegExp;
  }[] = [
    {
      role: "staging",
      spoil: ["SET GLOBAL sql_mode = 'ANSI_QUOTES'"],
      mend: ["SET GLOBAL sql_mode = DEFAULT"],
      line: /^staging: sql_mode: warning: `ANSI_QUOTES`, production has `/,
    },
    {
      role: "replica",
      spoil: ["SET GLOBAL character_set_server = latin2"],
      mend: ["SET GLOBAL character_set_server = DEFAULT", "SET GLOBAL collation_server = DEFAULT"],
      line: /^replica: character_set_server: warning: `latin2`/,
    },
    {
      role: "production",
      spoil: ["REVOKE SHOW VIEW ON shop.* FROM understudy@'%'"],
      mend: ["GRANT SHOW VIEW ON shop.* TO understudy@'%'"],
      line: /^production: privileges: failed: 'understudy'@'%' lacks SHOW VIEW on `shop`$/,
    },
    {
      role: "staging",
      spoil: ["REVOKE ALL ON `shop\\_staging\\_\\_prev`.* FROM understudy@'%'"],
      mend: ["GRANT ALL ON `shop\\_staging\\_\\_prev`.* TO understudy@'%'"],
      line: /^staging: privileges: failed: .* on `shop_staging__prev`$/,
    },
    {
      role: "replica",
      spoil: ["CREATE DATABASE shop", "CREATE TABLE shop.theirs (id INT PRIMARY KEY)"],
      mend: ["DROP DATABASE shop"],
      line: /^replica: ours to wipe: failed: REPLICA_NOT_OURS/,
    },
    {
      role: "production",
      spoil: ["ALTER TABLE shop.companies ADD COLUMN tax_number VARCHAR(20)"],
      mend: ["ALTER TABLE shop.companies DROP COLUMN tax_number"],
      line: /^contract: drift: failed: .*CONTRACT_UNLISTED_COLUMNS/,
    },
  ];
  for (const { role, spoil, mend, line } of SPOILED) {
    for (const sql of spoil) await query(role, sql);
    const told = await complaints(pipeline);
    // A character set brings its collation.
    assert.match(told[0] ?? "nothing", line);
    assert.equal(told.length, spoil.join().includes("character_set") ? 2 : 1, told.join("\n"));
    for (const sql of mend) await query(role, sql);
  }

  const { environment } = pipeline;
  const short = await complaints(pipeline, { ...environment, UNDERSTUDY_MASKING_KEY: "short" });
  assert.equal(short.length, 1);
  assert.match(short[0] ?? "", /^secrets: masking key: failed: `env:UNDERSTUDY_MASKING_KEY` has 5 bytes; it needs 32/);
  const denied = await complaints(pipeline, { ...environment, STAGING_PASSWORD: "wrong" });
  assert.equal(denied.length, 1, denied.join("\n"));
  assert.match(denied[0] ?? "", /^staging: connection: failed: MYSQL_ACCESS_DENIED/);
  assert.deepEqual(await complaints(pipeline), []);
});

test("staging whose server logs and trusts nobody cannot get its triggers back; a replica with a binary log is warned of", async (t) => {
  const binaryLog = ["--log-bin=binlog", "--server-id=1"];
  const [production, replica, staging] = await Promise.all([
    startTestServer(t, { name: "production", flags: NO_BINARY_LOG }),
    startTestServer(t, { name: "replica", flags: binaryLog }),
    startTestServer(t, { name: "staging", flags: binaryLog }),
  ]);
  const pipeline = await openPipeline(t, {
    rows: 50,
    servers: { production: production.test, replica: replica.test, staging: staging.test },
  });
  const none = await complaints(pipeline);
  assert.match(none[0] ?? "", /^staging: triggers: warning: .*there are none now/);
  await pipeline.query(
    "staging",
    "CREATE TRIGGER shop_staging.t BEFORE INSERT ON shop_staging.companies FOR EACH ROW SET @a = 1",
  );
  const told = await complaints(pipeline);
  assert.equal(told.length, 2, told.join("\n"));
  assert.match(told[0] ?? "", /^staging: triggers: failed: .*1419.* the 1 that there are/);
  assert.match(told[1] ?? "", /^replica: ours to wipe: warning: .*binary log/);
  await pipeline.query("staging", "SET GLOBAL log_bin_trust_function_creators = 1");
  assert.equal((await complaints(pipeline)).length, 1);
});

test("a server that is down is told once, and what the others know is still told", async (t) => {
  const pipeline = await openHealthy(t);
  const edited = { ...pipeline.contract.staging, port: 1 };
  const world = await openLocalWorld(
    { ...pipeline.contract, staging: edited },
    { baseDirectory: pipeline.directory, environment: pipeline.environment, log: testLog(pipeline.directory) },
  );
  afterTest(t, () => world.close());
  const findings = await collect(world.examine());
  const bad = findings.filter(({ status }) => status !== "ok");
  assert.deepEqual(
    bad.map(({ area, check, status }) => [area, check, status]),
    [["staging", "connection", "failed"]],
  );
  assert.match(bad[0]?.detail ?? "", /^MYSQL_UNREACHABLE: /);
  assert.ok(findings.some(({ area, check }) => area === "replica" && check === "ours to wipe"));
});

for (const server of servers()) {
  test(`the privileges that an account is given are enough for the doctor, and less are not, on ${server.name}`, async (t) => {
    const admin = await connect(t, server);
    const database = await createDatabase(t, server, "doctor");
    for (const role of ["production", "replica", "staging"] as const) {
      const account = { user: `d_${randomBytes(5).toString("hex")}`, password: randomBytes(9).toString("hex") };
      await createAccount(admin, { ...account, role, database });
      afterTest(t, async () => void (await admin.query("DROP USER ?@'%'", [account.user])));
      const { host, port } = server;
      const session = await openReadSession(role, { host, port, ...account });
      assert.equal((await checkPrivileges(session, role, database)).status, "ok", role);
      await session.close();

      await admin.query(`REVOKE SHOW VIEW ON \`${database.replaceAll("_", "\\_")}\`.* FROM ?@'%'`, [account.user]);
      const poorer = await openReadSession(role, { host, port, ...account });
      const { status, detail, remedy } = await checkPrivileges(poorer, role, database);
      await poorer.close();
      assert.equal(status, "failed", detail);
      assert.match(detail, new RegExp(`lacks SHOW VIEW on \`${database}\`$`));
      await admin.query(remedy ?? "");
      const mended = await openReadSession(role, { host, port, ...account });
      assert.equal((await checkPrivileges(mended, role, database)).status, "ok", remedy);
      await mended.close();
    }
  });
}
