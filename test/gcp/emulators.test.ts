// Google's emulators: a test that asks for one gets it, and none outlives its run.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { afterTest } from "../support/cleanup.ts";
import { removeDeadRuns } from "../support/start-servers.ts";
import { emulatorHost } from "./emulator-host.ts";

for (const service of ["pubsub", "firestore"] as const) {
  test(`Google's ${service} emulator answers`, async () => {
    assert.ok(await answers(emulatorHost(service)));
  });
}

test("the emulators of a killed run are stopped by the next one", async (t) => {
  const environment = { ...process.env, PUBSUB_EMULATOR_HOST: undefined, FIRESTORE_EMULATOR_HOST: undefined };
  const program = join(import.meta.dirname, "start-and-hang.ts");
  const run = spawn(process.execPath, [program], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  afterTest(t, async () => void run.kill("SIGKILL"));
  const [said] = (await once(run.stdout, "data")) as [Buffer];
  const hosts = Object.values(JSON.parse(said.toString()) as Record<string, string>);
  assert.equal(hosts.length, 2);
  run.kill("SIGKILL");
  await once(run, "exit");
  for (const host of hosts) assert.ok(await answers(host), `${host} outlived the kill`);
  await removeDeadRuns();
  for (const host of hosts) assert.ok(!(await answers(host)), `${host} was stopped`);
});

async function answers(host: string): Promise<boolean> {
  const answer = await fetch(`http://${host}/`).catch(() => undefined);
  return answer?.ok === true && (await answer.text()).trim() === "Ok";
}
