// The state file and the small parts of the local world.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { identityOf, isAlive, thisProcess } from "../../../deploy/local/process-identity.ts";
import { openRunStore } from "../../../deploy/local/run-store.ts";
import { openSecrets } from "../../../deploy/local/secrets.ts";
import { openState } from "../../../deploy/local/state.ts";
import { systemClock } from "../../../deploy/local/clock.ts";
import { newFolder, openLocal } from "../../platform/open-local.ts";
import { aRun, contractFor, until } from "../../platform/world.ts";
import { startVictim } from "./kill.ts";

test("many processes may make the state file at once", async (t) => {
  const folder = await newFolder(t);
  const victims = Array.from({ length: 4 }, () => startVictim(t, folder, "publish"));
  await until("all publish", () => victims.every(({ lines }) => lines.length > 0));
});

test("no update is lost between processes, nor when they are killed", async (t) => {
  const folder = await newFolder(t);
  const { runs } = await openLocal(t, folder);
  const run = aRun({ requestedBy: "0" });
  await runs.update(run.runId, () => ({ run, result: undefined }));
  const victims = [1, 2, 3].map(() => startVictim(t, folder, "count", { runId: run.runId }));
  await until("all count", () => victims.every(({ lines }) => lines.length > 20));
  await Promise.all(victims.map((victim) => victim.kill()));
  const told = victims.flatMap(({ lines }) => lines.map(Number));
  assert.equal(new Set(told).size, told.length, "each number once");
  const count = Number((await runs.get(run.runId))?.requestedBy);
  assert.ok(count >= Math.max(...told));
  assert.ok(count - told.length <= victims.length, "each may have written one that it could not tell");
});

test("a state file of newer code is refused", async (t) => {
  const path = join(await newFolder(t), "state.sqlite");
  openState(path).close();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  assert.throws(() => openState(path), { name: "FatalError", code: "STATE_FROM_THE_FUTURE" });
});

test("a document that is not as this code knows it is told by its field, and not quoted", async (t) => {
  const state = openState(join(await newFolder(t), "state.sqlite"));
  t.after(() => state.close());
  const runs = openRunStore(state);
  const run = aRun();
  await runs.update(run.runId, () => ({ run, result: undefined }));
  state.database.exec(`UPDATE runs SET document = json_set(document, '$.openedAt', 'ann@example.com')`);
  await assert.rejects(runs.get(run.runId), { code: "STATE_UNREADABLE", message: /`openedAt`/ });
  await assert.rejects(runs.get(run.runId), ({ message }: Error) => !message.includes("ann@"));
});

test("a process is known by more than its number", async () => {
  assert.ok(isAlive(thisProcess));
  const child = spawn("sleep", ["10"]);
  const identity = identityOf(child.pid ?? 0) ?? assert.fail();
  assert.ok(isAlive(identity));
  assert.ok(!isAlive(`${child.pid}@another start`));
  child.kill();
  await once(child, "exit");
  assert.ok(!isAlive(identity));
});

test("a missing secret is named with the place that asks for it; one written out is not repeated", async () => {
  const { masking, ...contract } = contractFor();
  const secrets = openSecrets(
    { GIVEN: "", OTHER: "x" },
    { ...contract, masking: { ...masking, key: "env:MASKING_KEY" } },
  );
  assert.equal(await secrets.read("env:GIVEN"), "");
  await assert.rejects(secrets.read("env:MASKING_KEY"), {
    code: "SECRET_MISSING",
    message: /`MASKING_KEY` \(`masking.key`/,
  });
  await assert.rejects(secrets.read("hunter2"), ({ code, message }: Error & { code: string }) => {
    return code === "SECRET_REFERENCE_UNKNOWN" && !message.includes("hunter2");
  });
});

test("a sleep ends when it is told to", async () => {
  const end = new AbortController();
  const sleeping = systemClock.sleep(60_000, end.signal);
  end.abort();
  await sleeping;
  await systemClock.sleep(60_000, end.signal); // aborted already
});
