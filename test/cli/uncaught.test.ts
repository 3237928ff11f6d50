// An error that nobody caught is told as every other: Node's own way would print MySQL's text and statement.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GOOD } from "../contracts/sync-contract-text.ts";
import { afterTest } from "../support/cleanup.ts";
import { understudy } from "./understudy.ts";

for (const [way, code] of [
  ["a promise that nobody awaits", "setTimeout(() => void Promise.reject(error()), 300)"],
  ["a callback that throws", "setTimeout(() => { throw error(); }, 300)"],
] as const) {
  test(`an uncaught MySQL error tells its number and no row: ${way}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "understudy-cli-"));
    afterTest(t, () => rm(directory, { recursive: true, force: true }));
    await writeFile(join(directory, "sync.yaml"), GOOD);
    const mysql = `{ errno: 1062, code: "ER_DUP_ENTRY", sqlState: "23000", sql: "INSERT 'ann@corp.test'" }`;
    const error = `const error = () => Object.assign(new Error("Duplicate entry 'ann@corp.test'"), ${mysql});`;
    await writeFile(join(directory, "bug.mjs"), `${error}\n${code};\n`);
    const environment = { NODE_OPTIONS: `--import=${join(directory, "bug.mjs")}` };
    const outcome = await understudy(t, "work", { directory, environment });
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /^ER_DUP_ENTRY: .*1062/m);
    assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes("ann@corp.test"), "the row is told");
  });
}
