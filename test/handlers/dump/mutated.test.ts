// Dumps that somebody or something has changed: refused, or rewritten into nothing that leaves the target database.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FatalError } from "../../../contracts/errors.ts";
import { inChunks, rewrite, samples } from "./rewriting.ts";

/** The rewriter spells out names and collations, and adds a USE. */
const MOST_GROWTH = 1.5;
const ROOM_BYTES = 4096;

/** Read in another way than the rewriter's: what is text, comment or no name is taken out by one expression. */
const TEXT_OR_COMMENT =
  /'(?:[^'\\]|\\[^]|'')*(?:'|$)|"(?:[^"\\]|\\[^]|"")*(?:"|$)|(?<name>`(?:[^`]|``)*(?:`|$))|--(?![^\s\0])[^\n]*|#[^\n]*|\/\*(?!M?!)[^]*?(?:\*\/|$)/g;

/** Between statements the client takes it for a comment, within one for an operator: too much for one expression. */
const ODD_COMMENT = /^--[^\s\0]/m;

/** The databases that a text chooses by USE at the beginning of a statement, as the client tells statements apart. */
function used(sql: string): string[] {
  const bare = sql.replace(TEXT_OR_COMMENT, (_found, ...rest: unknown[]) => {
    const groups = rest.at(-1) as { name?: string };
    return groups.name?.replace(/[;\s]/g, "_") ?? " ";
  });
  const sections = `DELIMITER ;\n${bare}`.split(/^\s*delimiter\s+(?=\S)/im).slice(1);
  return sections.flatMap((section) => {
    const delimiter = /^\S+/.exec(section)?.[0] ?? ";";
    const statements = section.slice(delimiter.length).split(delimiter);
    return statements.flatMap((text) => /^[\s\0]*(?:\/\*M?!\d*\s*)?USE\s*(`[^`]*`|[^\s;*]+)/i.exec(text)?.[1] ?? []);
  });
}

const FRAGMENTS = [
  ..."'\"`;\\#\n\0*/".split(""),
  ...[
    "/*",
    "*/",
    "/*!",
    "/*!50003 ",
    "--",
    "-- ",
    "''",
    "\\'",
    ";;",
    "DELIMITER ;;\n",
    "DELIMITER ;\n",
    "\u00ff\u00fe",
  ],
  ...["USE production;", "\nUSE `production`;\n", ";use production;", "/*!99999 USE production */;", "USE `shop`;"],
  ...["INSERT INTO `t` VALUES (", "INSERT INTO production.t VALUES (1);", "CREATE TABLE `production`.`t` (a int);"],
  ...["CREATE TABLE `t` (", "-- Dump completed\n", "VALUES", "utf8mb4", "COLLATE", "DEFINER=", "LOCK TABLES ", ")"],
];

type Change = { readonly at: number; readonly drop: number; readonly put: string };

function changed(dump: Buffer, changes: readonly Change[]): Buffer {
  let bytes = dump;
  for (const { at, drop, put } of changes) {
    const start = at % (bytes.length + 1);
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(put, "latin1"), bytes.subarray(start + drop)]);
  }
  return bytes;
}

const change = fc.record({
  at: fc.nat(60_000),
  drop: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(3000)),
  put: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 4 })),
});
const options = { laterKeysFromBytes: 1 };

for (const { name, dump } of samples) {
  test(`${name} with changes in it never hangs, never grows, and never leaves its database`, async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(60_000)),
        async (changes, cuts) => {
          const bytes = changed(dump, changes);
          const rewritten = await rewrite(inChunks(bytes, cuts), options).catch((error: unknown) => {
            assert.ok(error instanceof FatalError && error.code.startsWith("DUMP_"), String(error));
            return undefined;
          });
          if (!rewritten) return;
          passed++;
          assert.ok(rewritten.bytes.length <= bytes.length * MOST_GROWTH + ROOM_BYTES);
          const text = rewritten.bytes.toString("latin1");
          if (ODD_COMMENT.test(text)) return;
          const foreign = used(text).filter((database) => database !== "`shop_next`");
          assert.deepEqual(foreign, []);
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(passed > 20, `${passed} of 400 were not refused`);
  });
}

test("a USE of another database, put between any two bytes of a dump, is data there or refused", async () => {
  const dump = samples.find((sample) => sample.name === "mysql-9.7.sql")!.dump;
  let refused = 0;
  for (let at = 1024; at < dump.length; at += 7) {
    const bytes = changed(dump, [{ at, drop: 0, put: ";\nUSE production;\n" }]);
    const rewritten = await rewrite(bytes, options).catch(() => undefined);
    if (rewritten)
      assert.deepEqual(
        used(rewritten.bytes.toString("latin1")).filter((name) => name.includes("prod")),
        [],
      );
    else refused++;
  }
  assert.ok(refused > 500, `${refused} refused`);
});
