// Secrets from Secret Manager: which version, what of a line break, and what an operator reads when one cannot be had.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SecretVersion } from "../../gcp/servers/secret-manager.ts";
import { openDatabasesWorld, PROJECT, STRANGER } from "./open-databases.ts";

const reference = (rest: string) => `secret://${PROJECT}/${rest}`;

test("a reference is the newest version, or the one that it names", async (t) => {
  const { secrets, putSecret } = await openDatabasesWorld(t);
  const versions: SecretVersion[] = [{ value: "first" }, { value: "second" }];
  putSecret("password", versions);
  assert.equal(await secrets.read(reference("password")), "second");
  assert.equal(await secrets.read(reference("password/1")), "first");
  versions.push({ value: "third" });
  assert.equal(await secrets.read(reference("password")), "third", "a rotated secret counts at once");
});

test("one line break at the end is not part of a secret; everything else is", async (t) => {
  const { secrets, putSecret } = await openDatabasesWorld(t);
  const cases = [
    ["s3cret\n", "s3cret"],
    ["s3cret\r\n", "s3cret"],
    ["s3cret\n\n", "s3cret\n"],
    [" s3 crét\t", " s3 crét\t"],
    ["", ""],
  ] as const;
  for (const [i, [value, read]] of cases.entries()) {
    putSecret(`secret-${i}`, [{ value }]);
    assert.equal(await secrets.read(reference(`secret-${i}`)), read);
  }
});

test("a secret that cannot be had is named, with what to do, and never told", async (t) => {
  const { secrets, putSecret, as } = await openDatabasesWorld(t);
  putSecret("password", [
    { value: "hidden", state: "DISABLED" },
    { value: "hidden", state: "DESTROYED" },
  ]);
  const missing = [
    reference("password/1"),
    reference("password/2"),
    reference("password/3"),
    reference("no-such-secret"),
  ];
  for (const asked of missing) {
    await assert.rejects(secrets.read(asked), { name: "FatalError", code: "SECRET_MISSING", message: /shop-project/ });
  }
  const denied = { name: "FatalError", code: "SECRET_DENIED", message: /`roles\/secretmanager\.secretAccessor`/ };
  await assert.rejects(secrets.read(reference("not-granted")), denied);
  await assert.rejects((await as(STRANGER)).secrets.read(reference("password")), {
    ...denied,
    message: new RegExp(`\`password\` .*\`${STRANGER}\``),
  });
  for (const wrong of ["hunter2", "env:PASSWORD", "secret://only-a-project", "secret://a/b/c/d"]) {
    await assert.rejects(secrets.read(wrong), (error: Error & { code?: string }) => {
      assert.equal(error.code, "SECRET_REFERENCE_UNKNOWN");
      assert.ok(!error.message.includes(wrong));
      return true;
    });
  }
});

test("a secret whose bytes were damaged on their way is not used", async (t) => {
  const { secrets, secretProxy } = await openDatabasesWorld(t);
  const payload = (bytes: Buffer, dataCrc32c: string) => ({ payload: { data: bytes.toString("base64"), dataCrc32c } });
  const answer = (json: object) => (secretProxy.fault = () => ({ status: 200, json }));
  answer(payload(Buffer.from("123456789"), String(0xe3069283)));
  assert.equal(await secrets.read(reference("any")), "123456789");
  answer(payload(Buffer.from("123456780"), String(0xe3069283)));
  await assert.rejects(secrets.read(reference("any")), { name: "RetryAfter", code: "SECRET_DAMAGED" });
  answer(payload(Buffer.from([0xff, 0xfe]), "0"));
  await assert.rejects(secrets.read(reference("any")), { code: "SECRET_DAMAGED" });
  answer({ payload: { data: Buffer.from([0xff, 0xfe]).toString("base64") } });
  await assert.rejects(secrets.read(reference("any")), { name: "FatalError", code: "SECRET_NOT_TEXT" });
});

test("trouble at Google's is tried again, and an API that is off is named", async (t) => {
  const { secrets, secretProxy, putSecret } = await openDatabasesWorld(t);
  putSecret("password", [{ value: "s3cret" }]);
  let busy = 1;
  secretProxy.fault = () => (busy-- > 0 ? { status: 503 } : undefined);
  assert.equal(await secrets.read(reference("password")), "s3cret");
  const detail = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "SERVICE_DISABLED" };
  const error = {
    code: 403,
    status: "PERMISSION_DENIED",
    message: "Secret Manager API has not been used",
    details: [detail],
  };
  secretProxy.fault = () => ({ status: 403, json: { error } });
  await assert.rejects(secrets.read(reference("password")), {
    code: "API_NOT_ENABLED",
    message: /gcloud services enable secretmanager\.googleapis\.com/,
  });
});
