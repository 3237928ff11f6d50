// sync.yaml for Cloud SQL: what it becomes, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFatal } from "../../contracts/errors.ts";
import { parseSyncContract } from "../../contracts/parse-sync-contract.ts";

const GOOD = `pipeline: shop
production: { instance: "acme-prod:europe-west1:shop", database: shop }
replica:    { instance: "acme-sync:europe-west1:shop-replica", database: shop }
staging:    { instance: "acme-dev:europe-west1:shop", database: shop_staging, user: understudy, password: secret://acme-sync/staging-password/3 }
dumps: gs://acme-sync-dumps/shop
masking:
  key: secret://acme-sync/masking-key
  tables:
    users: { keep: [id], email: email }
`;

function complaintsOf(text: string): string[] {
  try {
    parseSyncContract(text, "sync.yaml");
    return [];
  } catch (error) {
    assert.ok(isFatal(error), String(error));
    return error.message.split("\n").map((line) => line.replace(/^sync\.yaml:/, ""));
  }
}

test("a contract for Cloud SQL names instances, a bucket and secrets", () => {
  const { masking, preserve, references, collations, load, ...rest } = parseSyncContract(GOOD, "sync.yaml");
  const region = "europe-west1";
  assert.deepEqual(rest, {
    kind: "cloud-sql",
    pipeline: "shop",
    project: "acme-sync", // the replica's
    network: "private",
    production: { project: "acme-prod", region, name: "shop", database: "shop" },
    replica: { project: "acme-sync", region, name: "shop-replica", database: "shop" },
    staging: {
      ...{ project: "acme-dev", region, name: "shop", database: "shop_staging" },
      login: { user: "understudy", password: "secret://acme-sync/staging-password/3" },
    },
    dumps: "gs://acme-sync-dumps/shop",
  });
  assert.equal(masking.key, "secret://acme-sync/masking-key");
  assert.deepEqual({ preserve, references, collations }, { preserve: [], references: [], collations: {} });
  assert.equal(load.swap, "rename");
});

test("the pipeline's project and its network can be told, and a project may have a domain", () => {
  const text = `project: acme-tools\nnetwork: psc\n${GOOD.replace("acme-prod:", "example.com:acme-prod:")}`;
  const contract = parseSyncContract(text, "sync.yaml");
  assert.ok(contract.kind === "cloud-sql");
  assert.deepEqual([contract.project, contract.network], ["acme-tools", "psc"]);
  assert.equal(contract.production.project, "example.com:acme-prod");
});

const refusals: readonly [what: string, change: (text: string) => string, ...complaints: RegExp[]][] = [
  [
    "an account on production: no session is ever opened there",
    (text) => text.replace("database: shop }", "database: shop, user: me, password: secret://acme-sync/x }"),
    /^2:\d+: Unknown key `user` in `production`. Known are `instance`, `database`/,
    /^2:\d+: Unknown key `password` in `production`/,
  ],
  [
    "the same instance twice",
    (text) => text.replace("acme-dev:europe-west1:shop", "acme-prod:europe-west1:shop"),
    /^4:1: `staging` is the same server as `production` in line 2/,
  ],
  [
    "a user without a password",
    (text) => text.replace(/, password: secret:\S+/, ""),
    /^4:\d+: `staging` has one of `user` and `password`/,
  ],
  [
    "a password in the file",
    (text) => text.replace("secret://acme-sync/staging-password/3", "hunter2"),
    /^4:\d+: `staging.password` must refer to Secret Manager, for example `secret:/,
  ],
  [
    "a variable for a secret: a function has none",
    (text) => text.replace("secret://acme-sync/masking-key", "env:KEY"),
    /^7:\d+: `masking.key` must refer to Secret Manager/,
  ],
  [
    "a server among instances",
    (text) => text.replace(/^replica:.*$/m, "replica: { host: 10.0.0.2, database: shop }"),
    /^3:1: `replica.instance` is missing/,
    /^3:\d+: Unknown key in `replica`. Known are `instance`/,
  ],
  [
    "something that is no instance",
    (text) => text.replace("acme-sync:europe-west1:shop-replica", "shop-replica"),
    /^3:\d+: `replica.instance` is not a Cloud SQL instance: `PROJECT:REGION:NAME` is expected/,
  ],
  [
    "staging that is production, in whatever region",
    (text) => text.replace("acme-dev:europe-west1:shop", "acme-prod:us-east1:shop"),
    /^4:1: `staging` is the same server as `production` in line 2/,
  ],
  [
    "a directory for dumps",
    (text) => text.replace("gs://acme-sync-dumps/shop", "./dumps"),
    /^5:\d+: `dumps` is not a bucket: `gs:\/\/BUCKET`/,
  ],
  [
    "a pipeline's name that is too long for service accounts",
    (text) => text.replace("pipeline: shop", "pipeline: shop-of-the-world"),
    /^1:\d+: `pipeline` is longer than 12 characters: the service accounts/,
  ],
];

for (const [what, change, ...expected] of refusals) {
  test(`refused with its place: ${what}`, () => {
    const found = complaintsOf(change(GOOD));
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? "", pattern);
    assert.ok(!found.some((line) => line.includes("hunter2")));
  });
}
