// The end of a function's process, in functions-framework's own server: Cloud Run sends SIGTERM and leaves 10 s.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { dieTogether, stopChild } from "../../../deploy/local/servers/running.ts";
import { freePort } from "../../../deploy/local/servers/free-port.ts";
import { ROOT } from "../../support/source-files.ts";
import { afterTest } from "../../support/cleanup.ts";

const FRAMEWORK = join(ROOT, "node_modules/@google-cloud/functions-framework/build/src/main.js");

/** Starts the slow function; `said` waits for a line that begins so. */
async function start(t: TestContext) {
  const port = await freePort();
  const source = join(ROOT, "test/deploy/gcp/slow-function.ts");
  const child = spawn(process.execPath, [FRAMEWORK, `--source=${source}`, "--target=slow", `--port=${port}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  dieTogether(child);
  afterTest(t, () => stopChild(child, "SIGKILL"));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const said = async (beginning: string) => {
    while (!lines.some((line) => line.startsWith(beginning))) await once(reader, "line");
  };
  await said("URL:");
  return { child, said, url: `http://127.0.0.1:${port}/` };
}

test("SIGTERM lets a stage save how far it is, and answers its message before the process ends", async (t) => {
  const { child, said, url } = await start(t);
  const body = JSON.stringify({ message: { messageId: "7", publishTime: "2026-11-22T02:15:00Z" } });
  const answer = fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  await said("working");
  child.kill("SIGTERM");
  assert.equal((await answer).status, 204);
  await said("saved");
  const [code] = child.exitCode === null ? ((await once(child, "exit")) as [number]) : [child.exitCode];
  assert.equal(code, 0);
});
