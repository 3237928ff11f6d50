// What the documentation names is there: every error code has its paragraph, every transform its section, every path exists.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { parseSyncContract } from "../contracts/parse-sync-contract.ts";
import { isMap, property } from "../contracts/plain-data.ts";
import { ServersContractFile } from "../contracts/sync-contract-schema.ts";
import { TRANSFORMS } from "../contracts/transforms.ts";
import { ROOT, sourceFiles } from "./support/source-files.ts";

const sources = sourceFiles("events", "contracts", "handlers", "deploy", "cli");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Codes that are made from an operation's type. */
const COMPOSED = ["EXPORT_FAILED", "IMPORT_FAILED", "BACKUP_FAILED", "RESTORE_FAILED"];

/** Where a code is given: in an error's constructor, a helper that makes one, or a field named `code`. */
const GIVEN = /(?:new \w*(?:Error|RetryAfter)\(|\brefuse\w*\(|\bcode:)\s*"([A-Z]+(?:_[A-Z]+)+)"/g;

test("every error code has a paragraph in docs/errors.md, and every paragraph a code", () => {
  const documented = [...read("docs/errors.md").matchAll(/^###? `?([A-Z][A-Z_]+)`?\s*$/gm)].map(
    ([, code = ""]) => code,
  );
  assert.equal(new Set(documented).size, documented.length, "a code has two paragraphs");
  const given = new Set(sources.flatMap(({ text }) => [...text.matchAll(GIVEN)].map(([, code = ""]) => code)));
  assert.ok(given.size > 50, `${given.size} codes were found`);
  const written = new Set([
    ...sources.flatMap(({ text }) => [...text.matchAll(/"([A-Z][A-Z_]+)"/g)].map(([, code = ""]) => code)),
    ...COMPOSED,
  ]);
  assert.deepEqual(
    {
      undocumented: [...given, ...COMPOSED].filter((code) => !documented.includes(code)).toSorted(),
      unknown: documented.filter((code) => !written.has(code)),
    },
    { undocumented: [], unknown: [] },
  );
});

/** Looks like a path of ours: `handlers/stage.ts`, `deploy/local/`, `package.json`. */
const PATH = /`((?:\.?[\w-]+\/)+[\w.-]*|[\w-]+\.(?:ts|json|md|yml))`/g;
/** Made by a run or written by the user. (deploy/gcp/README.md has a test of its own.) */
const NOT_IN_THE_REPOSITORY = /^(?:\.understudy\/|runs\/|inbox\/|sync\.yaml$|node_modules\/|dist\/)/;

for (const page of ["README.md", "CONTRIBUTING.md"]) {
  test(`every path that ${page} names exists`, () => {
    const named = [...read(page).matchAll(PATH)].map(([, path = ""]) => path);
    assert.ok(named.length > 0, "no path was found");
    const missing = named.filter((path) => !NOT_IN_THE_REPOSITORY.test(path) && !existsSync(join(ROOT, path)));
    assert.deepEqual(missing, []);
  });
}

test("every transform has one section with an example and one row that says what it keeps, and no other has", () => {
  const page = read("docs/transforms.md");
  const [, ...sections] = page.split(/^## /m).map((section) => section.trim());
  const described = sections.filter((section) => !section.startsWith("All of them\n"));
  const nameOf = (section: string) => /^.*/.exec(section)?.[0] ?? "";
  assert.deepEqual(described.map(nameOf).toSorted(byName), TRANSFORMS.toSorted(byName));
  for (const section of described) {
    assert.match(section, /→|becomes|```yaml|`\{ |^(?:keep|null)\n/, `${nameOf(section)} has no example`);
  }
  const rows = [...page.matchAll(/^\| \[`(\w+)`\]\(#(\w+)\) *\| (.+?) *\| (.+?) *\| (yes|no|in .+?) *\|$/gm)];
  assert.deepEqual(rows.map(([, name = ""]) => name).toSorted(byName), TRANSFORMS.toSorted(byName));
  for (const [row, name, anchor] of rows) assert.equal(name, anchor, row);
});

test("examples of rules in the documentation are rules, and links to transforms lead to one", () => {
  let rules = 0;
  for (const page of ["README.md", "docs/contract.md", "docs/transforms.md"]) {
    const text = read(page);
    for (const [, block = ""] of text.matchAll(/```yaml\n([^]*?)```/g)) {
      const tables = tablesIn(parse(block, { merge: true }));
      if (!tables) continue;
      rules += Object.keys(tables).length;
      assert.doesNotThrow(() => parseSyncContract(contractWith(tables), page), block);
    }
    for (const [link, name = "", anchor = ""] of text.matchAll(
      /\[`(\w+)`\]\((?:docs\/)?(?:transforms\.md)?#(\w+)\)/g,
    )) {
      assert.ok((TRANSFORMS as readonly string[]).includes(name) && name === anchor, `${page}: ${link}`);
    }
  }
  assert.ok(rules >= 8, `${rules} rules were found`);
});

/** Of a contract, beside its tables. */
const OTHER_PARTS = Object.keys(ServersContractFile.shape);

/** The rules of an example: of a contract, of `tables:`, of one table alone, or of a table's columns. */
function tablesIn(example: unknown): Readonly<Record<string, unknown>> | undefined {
  const tables = property(property(example, "masking"), "tables") ?? property(example, "tables");
  if (isMap(tables)) return tables;
  if (!isMap(example) || Object.keys(example).some((key) => OTHER_PARTS.includes(key))) return undefined;
  const isOfTables = Object.values(example).every((rule) => isMap(rule) && "keep" in rule);
  return isOfTables ? example : { example };
}

function contractWith(tables: unknown): string {
  const server = (host: string) => ({ host, user: "u", password: "env:P", database: "shop" });
  return JSON.stringify({
    ...{ pipeline: "shop", production: server("a"), replica: server("b"), staging: server("c"), dumps: "dumps" },
    masking: { key: "env:KEY", tables },
  });
}

function byName(a: string, b: string): number {
  return a.localeCompare(b);
}
