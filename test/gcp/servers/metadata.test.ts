// The test's metadata server, asked by Google's own libraries.
import assert from "node:assert/strict";
import { verify } from "node:crypto";
import { test, type TestContext } from "node:test";
import { Compute, GoogleAuth } from "google-auth-library";
import { afterTest } from "../../support/cleanup.ts";
import { startMetadataServer } from "./metadata.ts";

const EXPORTER = "export-production@shop.iam.gserviceaccount.com";
const MASKER = "mask@shop.iam.gserviceaccount.com";

test("Application Default Credentials find the account of the address", async (t) => {
  const metadata = await start(t);
  for (const email of [EXPORTER, MASKER]) {
    process.env["GCE_METADATA_HOST"] = metadata.hostOf(email);
    const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
    assert.ok((await auth.getClient()) instanceof Compute);
    const token = await auth.getAccessToken();
    assert.equal(metadata.emailOf(token ?? ""), email);
    assert.equal((await auth.getCredentials()).client_email, email);
    assert.equal(await auth.getUniverseDomain(), "googleapis.com");
  }
});

test("a token ends after an hour, and one that nobody was given has no account", async (t) => {
  const metadata = await start(t);
  const { access_token: token, expires_in: seconds } = await json(metadata.hostOf(MASKER), `${ACCOUNT}/token`);
  assert.equal(metadata.emailOf(token), MASKER);
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + (seconds - 1) * 1000 });
  assert.equal(metadata.emailOf(token), MASKER);
  t.mock.timers.tick(2000);
  assert.equal(metadata.emailOf(token), undefined);
  assert.equal(metadata.emailOf("ya29.made-up"), undefined);
});

test("an identity token names the account and the audience, and is signed", async (t) => {
  const metadata = await start(t);
  process.env["GCE_METADATA_HOST"] = metadata.hostOf(EXPORTER);
  const client = await new GoogleAuth().getIdTokenClient("https://mask.example");
  const token = await client.idTokenProvider.fetchIdToken("https://mask.example");
  const [header = "", claims = "", signature = ""] = token.split(".");
  assert.partialDeepStrictEqual(JSON.parse(Buffer.from(claims, "base64url").toString()), {
    ...{ aud: "https://mask.example", email: EXPORTER, email_verified: true, iss: "https://accounts.google.com" },
  });
  const isSigned = verify(
    "sha256",
    Buffer.from(`${header}.${claims}`),
    metadata.identityKey(),
    Buffer.from(signature, "base64url"),
  );
  assert.equal(isSigned, true);
});

test("what stands below a directory comes as lines, or as one JSON", async (t) => {
  const metadata = await start(t);
  const host = metadata.hostOf(MASKER);
  assert.equal(await (await get(host, "instance/service-accounts/")).text(), `default/\n${MASKER}/\n`);
  assert.equal(await (await get(host, `${ACCOUNT}/email`)).text(), MASKER);
  assert.equal(await (await get(host, "project/project-id")).text(), "shop");
  assert.equal(await (await get(host, "universe/universe-domain")).text(), "googleapis.com");
  const described = { aliases: ["default"], email: MASKER, scopes: ["https://www.googleapis.com/auth/cloud-platform"] };
  assert.deepEqual(await json(host, `${ACCOUNT}/?recursive=true`), described);
  assert.deepEqual(await json(host, "?recursive=true"), {
    instance: { serviceAccounts: { default: described, [MASKER]: described } },
    project: { projectId: "shop" },
    universe: { universeDomain: "googleapis.com" },
  });
  const moved = await get(host, "instance");
  assert.deepEqual([moved.status, moved.headers.get("location")], [301, "/computeMetadata/v1/instance/"]);
});

test("a request without the Metadata-Flavor header is refused", async (t) => {
  const metadata = await start(t);
  const url = `http://${metadata.hostOf(MASKER)}/computeMetadata/v1/${ACCOUNT}/token`;
  assert.equal((await fetch(url)).status, 403);
  const forwarded = { "metadata-flavor": "Google", "x-forwarded-for": "192.0.2.1" };
  assert.equal((await fetch(url, { headers: forwarded })).status, 403);
  assert.equal((await get(metadata.hostOf(MASKER), "instance/service-accounts/other@shop/token")).status, 404);
  assert.equal((await get(metadata.hostOf(MASKER), "constructor")).status, 404);
});

const ACCOUNT = "instance/service-accounts/default";

async function start(t: TestContext) {
  process.env["GOOGLE_CLOUD_PROJECT"] = "shop"; // or the library asks gcloud first, for half a second
  const metadata = await startMetadataServer({ project: "shop", accounts: [EXPORTER, MASKER] });
  afterTest(t, () => metadata.close());
  return metadata;
}

async function get(host: string, path: string): Promise<Response> {
  const url = `http://${host}/computeMetadata/v1/${path}`;
  const response = await fetch(url, { headers: { "metadata-flavor": "Google" }, redirect: "manual" });
  assert.equal(response.headers.get("metadata-flavor"), "Google");
  return response;
}

async function json(host: string, path: string) {
  return (await get(host, path)).json() as Promise<{ access_token: string; expires_in: number }>;
}
