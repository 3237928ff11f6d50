// The test's Cloud SQL instances as Google's own connector reaches them, with mysql2 on top.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { AuthTypes, Connector, IpAddressTypes } from "@google-cloud/cloud-sql-connector";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { afterTest } from "../../support/cleanup.ts";
import { connect, createDatabase, servers } from "../../support/servers.ts";
import { createAuthority, createIdentity } from "./cloud-sql/certificates.ts";
import { credentialsOf, openTestWorld, OPERATOR, PROJECT, STRANGER, type TestWorld } from "./cloud-sql/test-world.ts";
import { startMetadataServer } from "./metadata.ts";

const NAME = `${PROJECT}:europe-west1:shop-replica`;
const MASK = `shop-mask@${PROJECT}.iam.gserviceaccount.com`;
const SUPPORTED = servers().filter(({ version, flavour }) => flavour === "mariadb" || !version.startsWith("5."));

for (const on of SUPPORTED) {
  test(`${on.name}: an IAM login opens a session with the account's own privileges`, async (t) => {
    const database = await createDatabase(t, on);
    const world = await openTestWorld(t, { on, iamUsers: [{ email: MASK, privileges: [`ALL ON \`${database}\`.*`] }] });
    letIn(world, MASK);
    const session = await open(t, world, MASK, { user: "shop-mask" });
    const [rows] = await session.query<RowDataPacket[]>("SELECT CURRENT_USER() AS me");
    assert.match(String(rows[0]?.["me"]), /^shop-mask@/);
    await session.query(`CREATE TABLE \`${database}\`.t (id INT)`);
    await assert.rejects(session.query("SELECT * FROM mysql.user"), { code: /DENIED/ } as never);
    assert.deepEqual(world.server.sessions, [{ email: MASK, instance: "shop-replica" }]);
  });

  test(`${on.name}: a built-in account logs in with its password`, async (t) => {
    const root = await connect(t, on);
    const user = `app_${process.pid}`;
    await root.query("CREATE USER ?@'%' IDENTIFIED BY 'correct'", [user]);
    afterTest(t, async () => void (await root.query("DROP USER ?@'%'", [user])));
    const world = await openTestWorld(t, { on });
    const plain = { authType: AuthTypes.PASSWORD };
    const session = await open(t, world, OPERATOR, { user, password: "correct" }, plain);
    await session.query("SELECT 1");
    const wrong = open(t, world, OPERATOR, { user, password: "wrong" }, plain);
    await assert.rejects(wrong, { code: "ER_ACCESS_DENIED_ERROR" });
  });
}

const iamUsers = [{ email: MASK, privileges: [] }];
const DENIED = { code: "ER_ACCESS_DENIED_ERROR" };

test("an IAM account is reached neither with a plain certificate nor past the instance's address", async (t) => {
  const world = await openTestWorld(t, { iamUsers });
  letIn(world, MASK);
  const login = { user: "shop-mask" };
  await assert.rejects(open(t, world, MASK, login, { authType: AuthTypes.PASSWORD }), DENIED);
  const { host, port } = world.instance.server;
  await assert.rejects(createConnection({ host, port, ...login }), DENIED);
});

test("a process logs in as the service account that it runs as", async (t) => {
  const metadata = await startMetadataServer({ project: PROJECT, accounts: [MASK] });
  afterTest(t, () => metadata.close());
  const world = await openTestWorld(t, { iamUsers, authorize: (token) => metadata.emailOf(token) });
  letIn(world, MASK);
  const environment = { ...process.env };
  afterTest(t, async () => void (process.env = environment));
  // Not the credentials of whoever runs the tests.
  const { GOOGLE_APPLICATION_CREDENTIALS: _own, ...others } = environment;
  process.env = { ...others, HOME: "/nowhere", GCE_METADATA_HOST: metadata.hostOf(MASK) };
  const session = await open(t, world, undefined, { user: "shop-mask" });
  await session.query("SELECT 1");
  assert.deepEqual([...new Set(world.server.requests.map(({ email }) => email))], [MASK]);
});

test("an instance without the flag for IAM logins takes none", async (t) => {
  const world = await openTestWorld(t, { iamUsers, resource: { settings: { databaseFlags: [] } } });
  letIn(world, MASK);
  await assert.rejects(open(t, world, MASK, { user: "shop-mask" }), DENIED);
});

test("an account that is another's, or that has no permission to log in, gets no session", async (t) => {
  const other = `shop-preserve@${PROJECT}.iam.gserviceaccount.com`;
  const world = await openTestWorld(t, { iamUsers: [...iamUsers, { email: other, privileges: [] }] });
  letIn(world, MASK);
  await assert.rejects(open(t, world, MASK, { user: "shop-preserve" }), DENIED);
  letIn(world, other, ["get", "connect"]);
  await assert.rejects(open(t, world, other, { user: "shop-preserve" }), DENIED);
});

test("who may not connect gets no certificate", async (t) => {
  const world = await openTestWorld(t, { iamUsers });
  await assert.rejects(open(t, world, STRANGER, { user: "shop-mask" }), { status: 403 });
  letIn(world, STRANGER, ["get", "login"]);
  await assert.rejects(open(t, world, STRANGER, { user: "shop-mask" }), { status: 403 });
});

test("an instance has a public address only where it is told to, and one behind PSC has a name", async (t) => {
  const login = { user: "shop-mask" };
  const world = await openTestWorld(t, { iamUsers });
  letIn(world, MASK);
  const publicly = { ipType: IpAddressTypes.PUBLIC };
  await assert.rejects(open(t, world, MASK, login, publicly), { code: "ENOPUBLICSQLADMINIPADDRESS" });
  await assert.rejects(open(t, world, MASK, login, { ipType: IpAddressTypes.PSC }), {
    code: "ENOPSCSQLADMINIPADDRESS",
  });

  const ipConfiguration = { pscConfig: { pscEnabled: true, allowedConsumerProjects: [PROJECT] } };
  const psc = await openTestWorld(t, { iamUsers, resource: { settings: { ipConfiguration } } });
  letIn(psc, MASK);
  await (await open(t, psc, MASK, login, { ipType: IpAddressTypes.PSC })).query("SELECT 1");
  await assert.rejects(open(t, psc, MASK, login), { code: "ENOPRIVATESQLADMINIPADDRESS" });
});

test("a certificate of another making is not let in", async (t) => {
  const { api, server } = await openTestWorld(t);
  const { data } = await api.connect.get({ project: PROJECT, instance: "shop-replica" });
  const [host, ca] = [data.ipAddresses?.[0]?.ipAddress ?? "", data.serverCaCert?.cert ?? ""];
  const own = createIdentity(createAuthority("somebody"), { commonName: OPERATOR });
  for (const identity of [{}, { cert: own.certificate, key: own.key }]) {
    const socket = connectTls({ host, port: 3307, ca, checkServerIdentity: () => undefined, ...identity });
    // TLS 1.3: the client believes itself in until the server has looked at what it sent. MySQL would speak first.
    const heard = await socket.toArray().catch(() => []);
    assert.deepEqual(heard, []);
  }
  assert.deepEqual(server.sessions, []);
});

/** Gives an account what the Cloud SQL Client and Instance User roles have. */
function letIn({ grants }: TestWorld, email: string, verbs = ["get", "connect", "login"]): void {
  for (const verb of verbs) grants.push({ email, permission: `cloudsql.instances.${verb}`, instance: "shop-replica" });
}

/** Opens a session through the connector, as an account or as whom the process runs as; closed after the test. */
async function open(
  t: TestContext,
  { server }: TestWorld,
  email: string | undefined,
  login: { readonly user: string; readonly password?: string },
  options: { readonly authType?: AuthTypes; readonly ipType?: IpAddressTypes } = {},
) {
  const connector = new Connector({
    ...(email === undefined ? {} : { auth: credentialsOf(email) }),
    sqlAdminAPIEndpoint: `${server.url}/`,
  });
  const { authType = AuthTypes.IAM, ipType = IpAddressTypes.PRIVATE } = options;
  const { stream } = await connector.getOptions({ instanceConnectionName: NAME, authType, ipType });
  // Not before: to close one that has failed leaves a rejection that nobody handles.
  afterTest(t, async () => connector.close());
  const session = await createConnection({ ...login, stream });
  afterTest(t, async () => session.destroy());
  return session;
}
