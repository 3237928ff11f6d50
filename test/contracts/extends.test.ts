// Contracts that extend others: which file wins, and which one a complaint names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readContractFiles } from "../../contracts/contract-files.ts";
import { isFatal } from "../../contracts/errors.ts";
import { contractPlaces, parseSyncContract } from "../../contracts/parse-sync-contract.ts";
import type { SyncContract } from "../../contracts/sync-contract.ts";

const BASE = `production: { host: db, user: u, password: env:P, database: shop }
replica: { host: scratch, user: u, password: env:P, database: shop }
staging: { host: staging, user: u, password: env:P, database: shop }
dumps: dumps
masking:
  key: env:KEY
  tables:
    users: { keep: [id], email: email }
    countries: keep
    sessions: truncate
preserve:
  - { table: users, where: is_demo = 1 }
`;

const OWN = `extends: shared/base.yaml
pipeline: shop
staging: { host: other, user: u, password: env:P, database: shop }
masking:
  unlisted: redact
  tables:
    users: { keep: [id], email: hash }
    orders: keep
`;

type Files = Readonly<Record<string, string>>;

async function parse(files: Files, name = "sync.yaml"): Promise<SyncContract> {
  const found = await readContractFiles(name, async (file) => files[file]);
  assert.ok(found);
  const [{ text }, ...bases] = found;
  return parseSyncContract(text, name, bases);
}

async function refusal(files: Files): Promise<{ code: string; lines: string[] }> {
  try {
    await parse(files);
  } catch (error) {
    assert.ok(isFatal(error), String(error));
    return { code: error.code, lines: error.message.split("\n") };
  }
  return assert.fail("It parsed.");
}

test("what a file says itself wins, for each key and for each table; the rest comes from what it extends", async () => {
  const contract = await parse({ "sync.yaml": OWN, "shared/base.yaml": BASE });
  assert.ok(contract.kind === "servers");
  assert.deepEqual([contract.production.host, contract.staging.host], ["db", "other"]);
  const { key, unlisted, tables } = contract.masking;
  assert.deepEqual({ key, unlisted }, { key: "env:KEY", unlisted: "redact" });
  assert.deepEqual(Object.keys(tables).toSorted(), ["countries", "orders", "sessions", "users"]);
  const { users } = tables;
  assert.ok(users?.kind === "columns");
  assert.deepEqual({ ...users.columns }, { id: { name: "keep" }, email: { name: "hash" } });
  assert.equal(contract.preserve.length, 1);
});

test("a chain of files is followed, each relative to the one that names it", async () => {
  const files = {
    "eu/sync.yaml": "extends: ../team/sync.yaml\nmasking: { tables: { orders: truncate } }\n",
    "team/sync.yaml": `extends: base.yaml\npipeline: team\nmasking: { tables: { orders: keep, users: keep } }\n`,
    "team/base.yaml": BASE,
  };
  const { pipeline, masking } = await parse(files, "eu/sync.yaml");
  assert.equal(pipeline, "team");
  assert.deepEqual([masking.tables["orders"]?.kind, masking.tables["users"]?.kind], ["truncate", "keep"]);
});

test("each complaint names the file that it is about, and its line there", async () => {
  const files = {
    "sync.yaml": OWN.replace("email: hash", "email: hsah").replace("pipeline: shop\n", ""),
    "shared/base.yaml": BASE.replace("countries: keep", "countries: kepe").replace("dumps: dumps", "dmups: dumps"),
  };
  const { code, lines } = await refusal(files);
  assert.equal(code, "CONTRACT_INVALID");
  assert.deepEqual(
    lines.map((line) => line.split(" ").slice(0, 4).join(" ")),
    [
      "shared/base.yaml:4:1: Unknown key `dmups`.",
      "shared/base.yaml:9:16: `masking.tables.countries` is not",
      "sync.yaml:1:1: `pipeline` is missing.",
      "sync.yaml:6:33: `masking.tables.users.email` is not",
    ],
  );
});

test("a place is told also for what a check of the schema finds", () => {
  const places = contractPlaces(OWN, "sync.yaml", [{ name: "base.yaml", text: BASE }]);
  const at = (...path: string[]) => places.placeOfKey(["masking", "tables", ...path]);
  assert.deepEqual(at("countries"), { file: "base.yaml", line: 9, column: 5 });
  assert.deepEqual(at("users", "email"), { file: "sync.yaml", line: 7, column: 26 });
  assert.deepEqual(at("users", "nothing"), { file: "sync.yaml", line: 7, column: 5 });
  assert.deepEqual(at("nothing"), { file: "sync.yaml", line: 6, column: 3 });
});

test("two roles on one server are found across files", async () => {
  const { code, lines } = await refusal({
    "sync.yaml": OWN.replace("host: other", "host: db"),
    "shared/base.yaml": BASE,
  });
  assert.equal(code, "CONTRACT_SAME_INSTANCE");
  assert.match(
    lines.join(),
    /^sync\.yaml:3:1: `staging` is the same server as `production` in shared\/base\.yaml:1:1\./,
  );
});

test("a cycle is refused, and so is a file that is not there or no path; YAML's own mistakes name their file", async () => {
  const cycle = { "sync.yaml": "extends: a.yaml\n", "a.yaml": "pipeline: x\nextends: ./sync.yaml\n" };
  assert.deepEqual(await refusal(cycle), {
    code: "CONTRACT_EXTENDS_CYCLE",
    lines: [
      "a.yaml:2:10: `sync.yaml` extends itself: `sync.yaml`, then `a.yaml`, then `sync.yaml`. Remove one `extends`.",
    ],
  });
  const missing = await refusal({ "sync.yaml": OWN });
  assert.equal(missing.code, "CONTRACT_NOT_FOUND");
  assert.match(missing.lines.join(), /^sync\.yaml:1:10: `shared\/base\.yaml` cannot be read\./);
  for (const path of ["/etc/base.yaml", "https://example.com/base.yaml", "gs://b/base.yaml", "''"]) {
    const { lines } = await refusal({ "sync.yaml": OWN.replace("shared/base.yaml", path) });
    assert.ok(
      lines.some((line) => line.startsWith("sync.yaml:1:10: `extends` is not a file:")),
      lines.join("\n"),
    );
  }
  const broken = await refusal({ "sync.yaml": OWN, "shared/base.yaml": `${BASE}pipeline: x\npipeline: y\n` });
  assert.deepEqual(broken.lines, ["shared/base.yaml:14:1: This key stands twice in its map."]);
});

test("a contract that extends another is refused where nobody reads that: never half of it is used", () => {
  assert.throws(() => parseSyncContract(OWN, "sync.yaml"), /`extends` cannot be followed here/);
});
