// The end of a function's process, in functions-framework's own server: Cloud Run sends SIGTERM and leaves 10 s.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { dieTogether, stopChild } from "../../../deploy/local/servers/running.ts";
import { freePort } from "../../../deploy/local/servers/free-port.ts";
import { ROOT } from "../../support/source-files.ts";
import { afterTest } from "../../support/cleanup.ts";

const FRAMEWORK = join(ROOT, "node_modules/@google-cloud/functions-framework/build/src/main.js");

/** Starts one of the functions beside this; `said` waits for a line that begins so. */
async function start(t: TestContext, target: "slow" | "crash", file: string) {
  const port = await freePort();
  const source = join(ROOT, "test/deploy/gcp", file);
  const child = spawn(process.execPath, [FRAMEWORK, `--source=${source}`, `--target=${target}`, `--port=${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
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
  const errors = text(child.stderr);
  return { child, said, lines, errors, url: `http://127.0.0.1:${port}/` };
}

function push(url: string, messageId: string): Promise<Response> {
  const body = JSON.stringify({ message: { messageId, publishTime: "2026-11-22T02:15:00Z" } });
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
}

test("SIGTERM lets a stage save how far it is, and answers its message before the process ends", async (t) => {
  const { child, said, url } = await start(t, "slow", "slow-function.ts");
  const answer = push(url, "7");
  await said("working");
  child.kill("SIGTERM");
  assert.equal((await answer).status, 204);
  await said("saved");
  const [code] = child.exitCode === null ? ((await once(child, "exit")) as [number]) : [child.exitCode];
  assert.equal(code, 0);
});

for (const what of ["rejection", "exception"]) {
  test(`what nobody caught (${what}) ends the process, and no row of it is told`, async (t) => {
    const { child, lines, errors, url } = await start(t, "crash", "crashing-function.ts");
    const ended = once(child, "close");
    const answer = await push(url, what);
    assert.equal(answer.status, 500, "the message comes again");
    assert.doesNotMatch(await answer.text(), /ann@example/);
    assert.equal((await ended)[0], 16);
    const told = lines.filter((line) => line.includes('"CRITICAL"'));
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /ER_DUP_ENTRY/);
    assert.doesNotMatch(`${lines.join("\n")} ${await errors}`, /ann@example\.com/);
  });
}
