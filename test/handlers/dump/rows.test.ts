// Rows pass byte for byte, whatever they hold.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { rewriteDump } from "../../../handlers/dump/index.ts";
import { EVERY_BYTE, NASTY_TEXTS } from "./nasty-schema.ts";
import { dumpOf, inChunks, rewrite, samples } from "./rewriting.ts";

const ESCAPES = new Map([
  ["\0", "\\0"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\u001a", "\\Z"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** As mysql_real_escape_string does: https://dev.mysql.com/doc/c-api/8.4/en/mysql-real-escape-string-quote.html */
function escaped(value: Buffer): Buffer {
  const characters = Array.from(value.toString("latin1"), (character) => ESCAPES.get(character) ?? character);
  return Buffer.from(`'${characters.join("")}'`, "latin1");
}

/** The lines of a dump that hold rows. mysqldump ends no line within an INSERT, and mariadb-dump only between rows. */
function rowLines(dump: Buffer): string[] {
  return dump
    .toString("latin1")
    .split("\n")
    .filter((line) => /^(?:INSERT INTO `(?!shop)|\()/.test(line));
}

const digest = (lines: string[]) => createHash("sha256").update(lines.join("\n"), "latin1").digest("hex");

for (const { name, dump } of samples) {
  test(`the rows of ${name} have the same digest afterwards`, async () => {
    const { bytes } = await rewrite(dump);
    assert.ok(rowLines(dump).length >= 4);
    assert.equal(digest(rowLines(bytes)), digest(rowLines(dump)));
  });
}

test("rows of every byte value and of any text pass untouched", async () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => escaped(Buffer.from(bytes))),
    fc.constantFrom(...NASTY_TEXTS, EVERY_BYTE.toString("latin1")).map((text) => escaped(Buffer.from(text))),
    fc
      .uint8Array({ minLength: 1, maxLength: 80 })
      .map((bytes) => Buffer.from(`0x${Buffer.from(bytes).toString("hex")}`)),
    fc.double().map((number) => Buffer.from(String(number))),
    fc.constantFrom("NULL", "-1", "_binary ''", "--1", "1/2", "'a''b'").map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), fc.array(fc.nat(400)), async (values, cuts) => {
      const insert = Buffer.concat([
        Buffer.from("INSERT INTO `t` VALUES ("),
        ...values.flatMap((bytes, i) => (i === 0 ? [bytes] : [Buffer.from(","), bytes])),
        Buffer.from(");\n"),
      ]);
      const around = dumpOf("\nUSE shop;");
      const at = around.indexOf("USE shop;");
      const dump = Buffer.concat([around.subarray(0, at), insert, around.subarray(at)]);
      const { bytes } = await rewrite(inChunks(dump, cuts));
      assert.ok(bytes.includes(insert));
      assert.ok(
        bytes
          .subarray(bytes.indexOf(insert) + insert.length)
          .toString()
          .startsWith("USE `shop_next`;"),
      );
    }),
    { numRuns: 500 },
  );
});

test("a row that contains USE statements, the database's name or a definer is data", async () => {
  const insert =
    "INSERT INTO `t` VALUES ('USE production;\nUSE `production`;',\"USE production;\",'DEFINER=`a`@`b` `shop`.`t`');";
  const { bytes } = await rewrite(dumpOf(insert));
  assert.ok(bytes.toString().includes(insert));
});

test("tables without rows keep their CREATE TABLE and lose every INSERT", async () => {
  const dump = dumpOf(
    "CREATE TABLE `to``kens` (`a` int);",
    "INSERT INTO `to``kens` VALUES ('a;b'),('USE production;');",
    "REPLACE  /* c */ INTO shop.`to``kens` (`a;`) VALUES (1);",
    "INSERT INTO `kept` VALUES (';');",
  );
  const { bytes, outcome } = await rewrite(dump, { withoutRowsOf: (table) => table === "to`kens" });
  assert.match(bytes.toString(), /CREATE TABLE `to``kens` \(`a` int\);\n\n\nINSERT INTO `kept` VALUES \(';'\);\n/);
  assert.equal(outcome.insertStatements, 1);
});

test("a qualified INSERT is renamed in its head alone", async () => {
  const { bytes } = await rewrite(dumpOf("INSERT IGNORE INTO `shop`.`t` (`shop`, `VALUES`) VALUES ('`shop`.`t`');"));
  assert.ok(
    bytes.toString().includes("\nINSERT IGNORE INTO `shop_next`.`t` (`shop`, `VALUES`) VALUES ('`shop`.`t`');\n"),
  );
});

test("one INSERT of 256 MiB passes in bounded memory, as it comes", async () => {
  const chunk = Buffer.from(`,('${"x".repeat(1024 * 1024 - 5)}')`);
  const [head, tail] = dumpOf("INSERT INTO `t` VALUES ('|');").toString().split("|");
  async function* input() {
    yield Buffer.from(`${head}')`);
    for (let i = 0; i < 256; i++) yield Buffer.from(chunk);
    yield Buffer.from(`,('${tail}`);
  }
  const part = rewriteDump(input(), { from: "shop", to: "shop_next", withoutRowsOf: () => false });
  const { arrayBuffers } = process.memoryUsage();
  let [largest, most] = [0, 0];
  for await (const bytes of part.output) {
    largest = Math.max(largest, bytes.length);
    most = Math.max(most, process.memoryUsage().arrayBuffers - arrayBuffers);
  }
  assert.ok(largest <= 2 * chunk.length);
  assert.ok(most <= 128 * chunk.length, `${most} bytes in buffers`); // what the garbage collector leaves for later
  assert.equal(part.outcome().insertStatements, 1);
});
