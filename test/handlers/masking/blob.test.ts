// `blob`: images stay images, bytes stay as many, and nothing of either is left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy } from "./support.ts";

const LOUD = Buffer.from("Ann Lee was here, and her e-mail is ann@corp.com; ".repeat(40));
const of = (hex: string) => Buffer.concat([Buffer.from(hex, "hex"), LOUD]);
const ORIGINALS: readonly (Buffer | null)[] = [
  of("89504e470d0a1a0a"),
  of("ffd8ffe0"),
  of("474946383961"),
  of("474946383761"),
  of("255044462d312e"), // a PDF
  Buffer.alloc(0),
  Buffer.alloc(5),
  null,
];

for (const server of servers()) {
  test(`an image becomes a pixel of its format, other bytes as many zeros, on ${server.name}`, async (t) => {
    const types = ["MEDIUMBLOB", "VARBINARY(4000)", "VARBINARY(100)", "BINARY(20)", "TINYBLOB"];
    const copy = await createCopy(
      t,
      server,
      types.map((type, i) => `CREATE TABLE t${i} (id INT PRIMARY KEY, v ${type} NULL)`),
    );
    const [sizes] = [[16_000_000, 4000, 100, 20, 255]];
    for (const [i] of types.entries()) {
      for (const [id, value] of ORIGINALS.entries()) {
        await copy.connection.query(`INSERT INTO t${i} VALUES (?)`, [[id, value?.subarray(0, sizes[i]) ?? null]]);
      }
    }
    const rule = { id: "keep", v: "blob" } as const;
    const job = await copy.job(contractOf(Object.fromEntries(types.map((_, i) => [`t${i}`, rule]))));
    assert.equal(await maskReplica(job), "finished");
    assert.notEqual(await proveMasking(job), "out-of-time");
    for (const [i, type] of types.entries()) {
      const rows = await copy.rows(`SELECT v FROM t${i} ORDER BY id`);
      for (const [id, original] of ORIGINALS.entries()) {
        const value = rows[id]?.["v"] as Buffer | null;
        if (original === null) assert.equal(value, null);
        else assertShowsNothing(value ?? assert.fail(), original, type === "MEDIUMBLOB" || type === "VARBINARY(4000)");
      }
    }
  });
}

function assertShowsNothing(value: Buffer, original: Buffer, hasRoom: boolean): void {
  assert.ok(!value.includes("Ann") && !value.includes("corp"));
  const isZero = value.every((byte) => byte === 0);
  const isImage = ["89504e47", "ffd8ff", "474946"].some((magic) => original.toString("hex").startsWith(magic));
  if (!isImage) assert.ok(isZero);
  if (!isImage && hasRoom) assert.equal(value.length, original.length);
  if (isImage && hasRoom) {
    assert.equal(value.subarray(0, 3).toString("hex"), original.subarray(0, 3).toString("hex"));
    assert.ok(value.length < 200, "a pixel");
    assert.ok(
      ["ae426082", "ffd9", "3b"].some((end) => value.toString("hex").endsWith(end)),
      "whole",
    );
  }
}
