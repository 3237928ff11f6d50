// `key: fresh`: nothing can be linked between two runs, whatever happens within one, and nobody keeps the key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNothingLeft } from "../support/assert-synced.ts";
import {
  DATABASES,
  openPipeline,
  type Pipeline,
  requestSync,
  STAGE_SETTINGS,
  waitForRun,
} from "../support/pipeline.ts";

/** With preserved rows masked by it too. */
const asFresh = (text: string) =>
  text
    .replace(/key: env:\w+/, "key: fresh")
    .replace("where: is_demo = 1", "where: is_demo = 1, follow: [users], mask: true");

async function demoEmails({ query }: Pipeline): Promise<string[]> {
  const rows = await query(
    "staging",
    `SELECT u.email FROM ${DATABASES.staging}.users u JOIN ${DATABASES.staging}.companies c ON c.id = u.company_id WHERE c.is_demo = 1`,
  );
  return rows.map((row) => String(row["email"]));
}

async function maskedEmails({ query }: Pipeline): Promise<string[]> {
  const rows = await query("staging", `SELECT email FROM ${DATABASES.staging}.users WHERE email LIKE 'u%@example.com'`);
  return rows.map((row) => String(row["email"]));
}

test("a fresh key outlives time budgets, ends with its run, and is another one in the next", async (t) => {
  const pipeline = await openPipeline(t, { edit: asFresh });
  delete pipeline.environment["UNDERSTUDY_MASKING_KEY"];
  const emails: string[][] = [];
  const demo = [await demoEmails(pipeline)];
  for (const budgetMs of [100, STAGE_SETTINGS.budgetMs]) {
    const world = await pipeline.open({ settings: { ...STAGE_SETTINGS, budgetMs } });
    world.work?.start();
    const run = await waitForRun(world, await requestSync(world));
    await world.work?.stop();
    assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
    if (budgetMs === 100) assert.ok((run.stages["mask"]?.continuations ?? 0) > 0, "masking went on in a continuation");
    emails.push(await maskedEmails(pipeline));
    demo.push(await demoEmails(pipeline));
    await assertNothingLeft(pipeline);
  }
  const [first = [], second = []] = emails;
  assert.ok(first.length > 40);
  const known = new Set(first);
  assert.deepEqual(
    second.filter((email) => known.has(email)),
    [],
    "no address can be linked to the run before",
  );
  const everyDemo = demo.flat();
  assert.ok(everyDemo.length > 0);
  assert.equal(new Set(everyDemo).size, everyDemo.length, "preserved rows are masked, and anew in each run");
  assert.equal(everyDemo.length, 3 * (demo[0]?.length ?? 0));
});
