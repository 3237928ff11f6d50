// What a function is deployed with: the contract, the file and what it extends beside it; and the stages' times.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readCloudContract, stageSettings } from "../../../deploy/gcp/functions/settings.ts";
import { afterTest } from "../../support/cleanup.ts";

const BASE = `production: { instance: "acme-prod:europe-west1:shop", database: shop }
replica: { instance: "acme-sync:europe-west1:shop-replica", database: shop }
staging: { instance: "acme-dev:europe-west1:shop", database: shop }
dumps: gs://acme-sync-dumps/shop
masking: { key: fresh, tables: { users: { keep: [id], email: email } } }
`;

async function deploy(t: TestContext, files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), "settings-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, "team"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return readCloudContract({ UNDERSTUDY_CONTRACT: join(directory, "sync.yaml") });
}

test("a function reads what its contract extends", async (t) => {
  const contract = await deploy(t, {
    "sync.yaml": "extends: team/base.yaml\npipeline: shop\n",
    "team/base.yaml": BASE,
  });
  assert.deepEqual([contract.pipeline, contract.replica.name], ["shop", "shop-replica"]);
  assert.deepEqual(Object.keys(contract.masking.tables), ["users"]);
});

test("a base that was not deployed with the code is named: no function starts on half a contract", async (t) => {
  await assert.rejects(deploy(t, { "sync.yaml": "extends: team/base.yaml\npipeline: shop\n" }), {
    code: "CONTRACT_NOT_FOUND",
    message: /sync\.yaml:1:10: `.*team\/base\.yaml` cannot be read/,
  });
});

test("a stage stops before Pub/Sub hangs up, and one that cannot go on later has longer, but not for ever", () => {
  const { budgetMs, cutOffMs = Infinity } = stageSettings({});
  assert.ok(budgetMs < cutOffMs && cutOffMs < 595_000, `${budgetMs} < ${cutOffMs}`);
});
