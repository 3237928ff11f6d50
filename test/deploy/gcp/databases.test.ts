// Sessions through Cloud SQL's connector: who logs in, what certificates do, and what an operator reads when there is none.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openConnections } from "../../../deploy/gcp/connections.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { iamUser } from "../../../deploy/gcp/databases.ts";
import { createAuthority } from "../../gcp/servers/cloud-sql/certificates.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, mainServer, startTestServer } from "../../support/servers.ts";
import { openDatabasesWorld, PROJECT, STAGE, STRANGER } from "./open-databases.ts";

test("a session is the service account's own, by its name before the @", async (t) => {
  const { databases, server } = await openDatabasesWorld(t);
  const session = await databases.write("replica");
  afterTest(t, () => session.close());
  const [row] = await session.query<{ me: string }>("SELECT CURRENT_USER() AS me");
  assert.match(row?.me ?? "", /^shop-mask@/);
  assert.deepEqual(server.sessions, [{ email: STAGE, instance: "shop-replica" }]);
});

test("five sessions at once ask for one certificate", async (t) => {
  const { databases, server } = await openDatabasesWorld(t);
  const sessions = await Promise.all(Array.from({ length: 5 }, () => databases.write("replica")));
  afterTest(t, async () => void (await Promise.all(sessions.map((session) => session.close()))));
  const asked = server.requests.filter(({ api }) => api.startsWith("connect."));
  assert.deepEqual(
    asked.map(({ api }) => api),
    ["connect.get", "connect.generateEphemeralCert"],
  );
});

test("a login with a password is read from its secret", async (t) => {
  const root = await connect(t, mainServer());
  const user = `app_${process.pid}`;
  await root.query("CREATE USER ?@'%' IDENTIFIED BY 's3cret'", [user]);
  afterTest(t, async () => void (await root.query("DROP USER ?@'%'", [user])));
  const { contract, as, putSecret } = await openDatabasesWorld(t);
  putSecret("password", [{ value: "s3cret\n" }, { value: "wrong" }]);
  const replica = (version: string) => ({
    ...{ ...contract.replica, login: { user, password: `secret://${PROJECT}/password/${version}` } },
  });
  const { databases } = await as(STAGE, { replica: replica("1") });
  await (await databases.read("replica")).close();
  const wrong = (await as(STAGE, { replica: replica("2") })).databases;
  await assert.rejects(wrong.read("replica"), (error: Error & { code: string }) => {
    assert.equal(error.code, "MYSQL_ACCESS_DENIED");
    assert.match(error.message, new RegExp(`\`${user}\` .*\`replica.password\``));
    assert.ok(!error.message.includes("wrong"));
    return true;
  });
});

test("production has no session, and is not even asked about", async (t) => {
  const { databases, server } = await openDatabasesWorld(t);
  assert.deepEqual(databases.readable, ["replica", "staging"]);
  await assert.rejects(databases.read("production"), { name: "FatalError", code: "NO_SESSION_ON_PRODUCTION" });
  // @ts-expect-error: there is no such role to write
  await assert.rejects(databases.write("production"), { name: "FatalError", code: "NO_SESSION_ON_PRODUCTION" });
  assert.deepEqual(server.requests, []);
  assert.deepEqual(server.sessions, []);
});

test("an account without the permission to connect, or to log in, is told which, and gets in once it has it", async (t) => {
  const { as, grants } = await openDatabasesWorld(t);
  const { databases } = await as(STRANGER);
  const grant = (verb: string) =>
    grants.push({ email: STRANGER, permission: `cloudsql.instances.${verb}`, instance: "shop-replica" });
  await assert.rejects(databases.read("replica"), {
    name: "FatalError",
    code: "CLOUD_SQL_PERMISSION_MISSING",
    message: /cloudsql\.instances\.connect.*roles\/cloudsql\.client/,
  });
  grant("get");
  grant("connect");
  grant("login");
  // No error is remembered: this one is another. (The account is not added to the instance.)
  await assert.rejects(databases.read("replica"), {
    name: "FatalError",
    code: "MYSQL_ACCESS_DENIED",
    message: /gcloud sql users create.*roles\/cloudsql\.instanceUser/,
  });
});

test("an instance without an address of the contract's kind is named with the other way", async (t) => {
  const { as } = await openDatabasesWorld(t);
  await assert.rejects((await as(STAGE, { network: "psc" })).databases.read("replica"), {
    name: "FatalError",
    code: "INSTANCE_HAS_NO_ADDRESS",
    message: /Private Service Connect.*`network: private`/,
  });
});

test("an instance in another region than the contract says is refused", async (t) => {
  const { as, contract } = await openDatabasesWorld(t);
  const { databases } = await as(STAGE, { replica: { ...contract.replica, region: "europe-west3" } });
  await assert.rejects(databases.read("replica"), { name: "FatalError", code: "INSTANCE_REGION_DIFFERS" });
});

test("a server that is down is tried again later, and reached by the same process once it is back", async (t) => {
  const server = await startTestServer(t);
  const { databases } = await openDatabasesWorld(t, { servers: { replica: { ...server.test, database: "unused" } } });
  await (await databases.read("replica")).close();
  process.kill(server.pid, "SIGSTOP");
  try {
    await assert.rejects(databases.read("replica"), {
      name: "RetryAfter",
      code: "MYSQL_UNREACHABLE",
      message: /egress into the instance's VPC network/,
    });
  } finally {
    process.kill(server.pid, "SIGCONT");
  }
  await (await databases.read("replica")).close();
});

test("a certificate is kept while it does, and asked for anew when it does not: a function may sleep through its end", async (t) => {
  const { contract, proxy, server } = await openDatabasesWorld(t);
  const connections = openConnections(contract, { sqlAdmin: proxy.url }, async (error) => error);
  afterTest(t, () => connections.close());
  const certificates = () => server.requests.filter(({ api }) => api === "connect.generateEphemeralCert").length;
  const use = async (stream: unknown) => stream;
  const first = await connections.through("replica", use);
  assert.equal(await connections.through("replica", use), first);
  assert.equal(certificates(), 1);

  const ended = new Error("certificate expired");
  const unlessFirst = async (stream: unknown) => (stream === first ? Promise.reject(ended) : stream);
  assert.notEqual(await connections.through("replica", unlessFirst), first);
  assert.equal(certificates(), 2);
  let uses = 0;
  const never = () => (uses++, Promise.reject(ended));
  await assert.rejects(connections.through("replica", never), ended);
  assert.equal(uses, 2, "the kept one, and one that is new");
});

test("an API that fails for a moment does not keep failing", async (t) => {
  const { databases, proxy } = await openDatabasesWorld(t);
  let failing = true;
  proxy.fault = (line) => (failing && line.includes("generateEphemeralCert") ? { status: 503 } : undefined);
  await assert.rejects(databases.read("replica"), { name: "RetryAfter", code: "GOOGLE_UNAVAILABLE" });
  failing = false;
  await (await databases.read("replica")).close();
});

const PROGRAM = join(import.meta.dirname, "one-session.ts");

/** What a process of its own prints; rejects where it fails, or does not end by itself. */
async function runOneSession(contract: CloudContract, sqlAdmin: string) {
  const args = [PROGRAM, JSON.stringify(contract), sqlAdmin];
  return promisify(execFile)(process.execPath, args, { timeout: 10_000 });
}

test("after close nothing keeps the process, whether a session was had or not", async (t) => {
  const { proxy, contract } = await openDatabasesWorld(t);
  const { replica } = contract;
  const cases = [
    [replica, "a session\n"],
    [{ ...replica, login: { user: "nobody", password: "any" } }, "MYSQL_ACCESS_DENIED\n"],
    [{ ...replica, region: "elsewhere" }, "INSTANCE_REGION_DIFFERS\n"],
  ] as const;
  for (const [instance, expected] of cases) {
    const { stdout, stderr } = await runOneSession({ ...contract, replica: instance }, proxy.url);
    assert.deepEqual([stdout, stderr], [expected, ""]);
  }
});

test("an instance that cannot be reached does not end the process when Google's API fails, too", async (t) => {
  const { proxy, contract } = await openDatabasesWorld(t);
  const nowhere = {
    region: "europe-west1",
    databaseVersion: "MYSQL_8_4",
    ipAddresses: [{ type: "PRIVATE", ipAddress: "127.1.1.1" }], // where nobody listens
    serverCaCert: { cert: createAuthority("nobody").certificate, expirationTime: "2100-01-01T00:00:00Z" },
  };
  let asked = 0;
  proxy.fault = (line) => {
    if (!line.includes("/connectSettings")) return undefined;
    return asked++ === 0 ? { status: 200, json: nowhere } : { status: 403 };
  };
  const { stdout, stderr } = await runOneSession(contract, proxy.url);
  assert.deepEqual([stdout, stderr], ["MYSQL_UNREACHABLE\n", ""]);
  assert.equal(asked, 1);
});

test("an IAM login is the address before the @, in small letters", () => {
  assert.equal(iamUser("Shop-Mask@shop.iam.gserviceaccount.com", "replica"), "shop-mask");
  assert.equal(iamUser("ann@example.com", "replica"), "ann");
  assert.throws(() => iamUser(undefined, "staging"), { name: "FatalError", code: "CALLER_UNKNOWN" });
});
