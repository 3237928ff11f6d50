// `npm run local`, as a newcomer runs it: in an empty folder, interrupted, killed, and again at once.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { RunReport } from "../../contracts/report.ts";
import { afterTest } from "../support/cleanup.ts";

const PROGRAM = new URL("../../cli/local.ts", import.meta.url).pathname;

test("it syncs a sample shop, shows it, writes the report, and leaves nothing running", async (t) => {
  const folder = await emptyFolder(t);
  const local = startLocal(t, folder, "--report", "report.json");
  assert.deepEqual(await local.exit, [0, null], local.output());
  assert.deepEqual(await processesOf(folder), []);

  const report = RunReport.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));
  assert.equal(report.status, "synced");
  assert.ok(report.masked && report.masked.columns > 20 && report.masked.rows > 1_000);
  assert.ok(report.preserved && report.preserved.rows > 50 && report.preserved.remapped > 10);
  assert.match(report.staging?.backup ?? "", /^backups\//);

  const shown = local.output();
  assert.match(shown, /mask done in/);
  assert.match(shown, /users\.id +column +production +staging/);
  assert.match(shown, /@example\.com|@examp/);
  assert.match(shown, /demo company in staging +id before +id now/);
});

test("interrupted by Ctrl-C or killed, it leaves nothing that keeps the next one from running at once", async (t) => {
  const folder = await emptyFolder(t);
  const interrupted = startLocal(t, folder);
  await interrupted.says(/load-replica|mask/);
  interrupted.process.kill("SIGINT");
  assert.deepEqual(await interrupted.exit, [130, null], interrupted.output());
  assert.deepEqual(await processesOf(folder), []);

  const killed = startLocal(t, folder);
  await killed.says(/load-replica|mask/);
  killed.process.kill("SIGKILL");
  assert.deepEqual(await killed.exit, [null, "SIGKILL"]);
  assert.notDeepEqual(await processesOf(folder), [], "the killed one's servers are still there, to be found");

  const next = startLocal(t, folder);
  assert.deepEqual(await next.exit, [0, null], next.output());
  assert.deepEqual(await processesOf(folder), []);
});

test("a wrong option is told in a sentence, and nothing is started", async (t) => {
  const folder = await emptyFolder(t);
  const local = startLocal(t, folder, "--rows", "many");
  assert.deepEqual(await local.exit, [2, null]);
  assert.match(local.output(), /`--rows` takes a whole number from 1/);
});

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "local-"));
  afterTest(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Local {
  readonly process: ChildProcess;
  readonly exit: Promise<unknown[]>;
  output(): string;
  /** Resolves when the output matches. */
  says(pattern: RegExp): Promise<void>;
}

function startLocal(t: TestContext, cwd: string, ...words: string[]): Local {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", PROGRAM, "--rows", "3000", ...words],
    { cwd, stdio: ["ignore", "pipe", "pipe"] },
  );
  afterTest(t, async () => void child.kill("SIGKILL"));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += String(chunk)));
  return {
    process: child,
    exit: once(child, "exit"),
    output: () => text,
    async says(pattern) {
      for (let waited = 0; !pattern.test(text); waited += 20) {
        if (child.exitCode !== null || waited > 60_000) throw new Error(`It did not say ${pattern}: ${text}`);
        await sleep(20);
      }
    },
  };
}

/** The processes whose command lines name the folder: its servers, its operations. Gone ones have a moment to go. */
async function processesOf(folder: string): Promise<string[]> {
  for (let attempt = 0; ; attempt++) {
    const { stdout } = await promisify(execFile)("ps", ["-eo", "pid,args"], { maxBuffer: 10_000_000 });
    const found = stdout.split("\n").filter((line) => line.includes(folder));
    if (found.length === 0 || attempt === 20) return found;
    await sleep(100);
  }
}
