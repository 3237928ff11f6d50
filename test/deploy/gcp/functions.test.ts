// The package's functions as Google runs them: functions-framework loads the package and serves FUNCTION_TARGET.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { handlers } from "../../../deploy/gcp/functions/handlers.ts";
import { openFirestoreRunStore } from "../../../deploy/gcp/run-store.ts";
import { freePort } from "../../../deploy/local/servers/free-port.ts";
import { dieTogether, stopChild } from "../../../deploy/local/servers/running.ts";
import { encode } from "../../../events/message.ts";
import { consumers } from "../../../handlers/consumers.ts";
import { stages } from "../../../handlers/stages.ts";
import { samples } from "../../events/samples.ts";
import { emulatorHost } from "../../gcp/emulator-host.ts";
import { afterTest } from "../../support/cleanup.ts";
import { ROOT } from "../../support/source-files.ts";

emulatorHost("firestore");
// The client asks Google's metadata server who it is even so.
process.env["METADATA_SERVER_DETECTION"] = "none";

const FRAMEWORK = join(ROOT, "node_modules/@google-cloud/functions-framework/build/src/main.js");

function contractOf(pipeline: string): string {
  return `pipeline: ${pipeline}
project: function-tests
production: { instance: "acme-prod:europe-west1:shop", database: shop }
replica: { instance: "acme-sync:europe-west1:shop-replica", database: shop }
staging: { instance: "acme-dev:europe-west1:shop", database: shop }
dumps: gs://acme-sync-dumps/shop
masking: { key: secret://acme-sync/masking-key, tables: {} }
`;
}

const FOR_SERVERS = `pipeline: shop
production: { host: db1, user: understudy, password: env:PASSWORD, database: shop }
replica: { host: db2, user: understudy, password: env:PASSWORD, database: shop }
staging: { host: db3, user: understudy, password: env:PASSWORD, database: shop }
dumps: dumps
masking: { key: env:KEY, tables: {} }
`;

/** Starts a function on a contract's text; what it logs is collected. */
async function start(t: TestContext, target: string, contract: string, environment: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "function-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "sync.yaml");
  await writeFile(file, contract);
  const port = await freePort();
  const child = spawn(process.execPath, [FRAMEWORK, `--source=${ROOT}`, `--port=${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      FUNCTION_TARGET: target,
      UNDERSTUDY_CONTRACT: file,
      METADATA_SERVER_DETECTION: "none",
      ...environment,
    },
  });
  dieTogether(child);
  afterTest(t, () => stopChild(child, "SIGKILL"));
  return { child, url: `http://127.0.0.1:${port}/`, output: text(child.stdout) };
}

/** Posts as soon as the function answers. */
async function post(url: string, body: object): Promise<number> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  for (;;) {
    const answer = await fetch(url, init).catch(() => undefined);
    if (answer) return answer.status;
    await sleep(50);
  }
}

test("there is a function for every consumer, and each has its own stage", async () => {
  assert.deepEqual(
    Object.keys(handlers),
    consumers.map(({ name }) => name),
  );
  const named = new Map(stages.map((stage) => [stage.name, stage.on.name]));
  for (const { name, on } of consumers.slice(0, stages.length)) assert.equal(named.get(name), on.name, name);
});

test("a function takes a push over HTTP, does its work and acknowledges", async (t) => {
  const pipeline = `p${randomUUID().slice(0, 8)}`;
  const { url } = await start(t, "dead_letter", contractOf(pipeline));
  const [letter] = samples.filter(({ name }) => name === "dead-letter");
  assert.ok(letter);
  const { attributes, data } = encode(letter);
  const message = {
    ...{ attributes, messageId: "11", publishTime: new Date().toISOString() },
    data: Buffer.from(data).toString("base64"),
  };
  assert.equal(await post(url, { message, subscription: "projects/p/subscriptions/s" }), 204);
  assert.equal(await post(url, { hello: "world" }), 400);

  const runs = openFirestoreRunStore({ project: "function-tests", database: `understudy-${pipeline}` });
  afterTest(t, () => runs.close());
  const [kept] = await runs.listDeadLetters(pipeline, 10);
  assert.deepEqual([kept?.stage, kept?.error.code], ["mask", "UNLISTED_COLUMN"]);
});

const BROKEN_STARTS: readonly (readonly [what: string, code: string, Parameters<typeof start>[1], string, object])[] = [
  ["a broken contract", "CONTRACT_INVALID", "mask", contractOf("shop").replace("dumps:", "dump:"), {}],
  ["no contract", "CONTRACT_NOT_FOUND", "mask", "", { UNDERSTUDY_CONTRACT: "/nowhere/sync.yaml" }],
  ["a contract for servers by host and port", "CONTRACT_NOT_CLOUD", "mask", FOR_SERVERS, {}],
  ["a name that no function has", "FUNCTION_UNKNOWN", "masking", contractOf("shop"), {}],
  [
    "a budget that is no number",
    "SETTING_INVALID",
    "mask",
    contractOf("shop"),
    { UNDERSTUDY_BUDGET_MS: "nine minutes" },
  ],
];

for (const [what, code, target, contract, environment] of BROKEN_STARTS) {
  test(`${what} fails the start, with its message in the log`, async (t) => {
    const { child, output } = await start(t, target, contract, environment as Record<string, string>);
    assert.deepEqual(await once(child, "exit"), [1, null]);
    const entry = JSON.parse(await output) as { severity: string; error: { code: string } };
    assert.deepEqual([entry.severity, entry.error.code], ["CRITICAL", code]);
  });
}
