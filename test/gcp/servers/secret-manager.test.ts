// The test's Secret Manager, asked with the credentials of a service account.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { GoogleAuth } from "google-auth-library";
import { afterTest } from "../../support/cleanup.ts";
import { startMetadataServer } from "./metadata.ts";
import { type Secret, type SecretGrant, startSecretManagerServer } from "./secret-manager.ts";

const MASKER = "mask@shop.iam.gserviceaccount.com";
const ACCESS = ["secretmanager.versions.access"] as const;

test("a secret is read by version or as the latest, with a checksum", async (t) => {
  const { get } = await open(t);
  assert.deepEqual(await get("secrets/masking-key/versions/latest:access"), {
    name: "projects/123456789012/secrets/masking-key/versions/2",
    payload: { data: Buffer.from("123456789").toString("base64"), dataCrc32c: String(0xe3069283) },
  });
  assert.partialDeepStrictEqual(await get("secrets/masking-key/versions/1:access"), {
    payload: { data: Buffer.from("olé").toString("base64") },
  });
});

test("a version that was disabled or destroyed is refused, also as the latest", async (t) => {
  const { get, secrets } = await open(t);
  for (const state of ["DISABLED", "DESTROYED"] as const) {
    secrets[0] = { project: "shop", name: "masking-key", versions: [{ value: "a" }, { value: "b", state }] };
    await assert.rejects(get("secrets/masking-key/versions/latest:access"), {
      status: 400,
      message: `Secret Version [projects/123456789012/secrets/masking-key/versions/2] is in ${state} state.`,
    });
  }
  await get("secrets/masking-key/versions/1:access");
});

test("a secret or version that is not there is a 404", async (t) => {
  const { get, grants } = await open(t);
  grants.push({ project: "shop", secret: "gone", member: MASKER, permissions: ACCESS });
  await assert.rejects(get("secrets/gone/versions/latest:access"), {
    status: 404,
    message: /not found or has no versions/,
  });
  for (const version of ["0", "3", "x", "1.5"]) {
    await assert.rejects(get(`secrets/masking-key/versions/${version}:access`), { status: 404 });
  }
});

test("an account reads the secrets that it was granted and no other, in no other project", async (t) => {
  const { get, grants } = await open(t);
  await assert.rejects(get("secrets/replica-password/versions/1:access"), {
    status: 403,
    message:
      "Permission 'secretmanager.versions.access' denied for resource 'projects/shop/secrets/replica-password/versions/1' (or it may not exist).",
  });
  await assert.rejects(get("secrets/masking-key/versions/1"), { status: 403, message: /secretmanager\.versions\.get/ });
  grants.push({ project: "shop", secret: "masking-key", member: MASKER, permissions: ["secretmanager.versions.get"] });
  assert.partialDeepStrictEqual(await get("secrets/masking-key/versions/1"), { state: "ENABLED" });
  grants[0] = { project: "other", secret: "masking-key", member: MASKER, permissions: ACCESS };
  await assert.rejects(get("secrets/masking-key/versions/1:access"), { status: 403 });
});

test("who has no token is asked to log in", async (t) => {
  const { url } = await open(t);
  const response = await fetch(`${url}/v1/projects/shop/secrets/masking-key/versions/1:access`);
  assert.equal(response.status, 401);
  assert.partialDeepStrictEqual(await response.json(), { error: { code: 401, status: "UNAUTHENTICATED" } });
});

async function open(t: TestContext) {
  const metadata = await startMetadataServer({ project: "shop", accounts: [MASKER] });
  afterTest(t, () => metadata.close());
  process.env["GCE_METADATA_HOST"] = metadata.hostOf(MASKER);
  process.env["GOOGLE_CLOUD_PROJECT"] = "shop"; // or the library asks gcloud first, for half a second
  const secrets: Secret[] = [
    { project: "shop", name: "masking-key", versions: [{ value: "olé" }, { value: "123456789" }] },
    { project: "shop", name: "replica-password", versions: [{ value: "other" }] },
  ];
  const grants: SecretGrant[] = [{ project: "shop", secret: "masking-key", member: MASKER, permissions: ACCESS }];
  const { url, close } = await startSecretManagerServer({ secrets, grants, authorize: metadata.emailOf });
  afterTest(t, close);
  const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
  const get = async (path: string) => {
    const { data } = await auth.request<object>({ url: `${url}/v1/projects/shop/${path}` });
    return data;
  };
  return { url, secrets, grants, get };
}
