// What the documentation names is there: every error code has its paragraph, every path exists.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
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
