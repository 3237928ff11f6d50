// What is said of a disk before an import.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadSession } from "../../contracts/platform.ts";
import type { StageContext } from "../../contracts/stage.ts";
import { checkRoom } from "../../handlers/check-room.ts";
import { silent } from "../platform/world.ts";

const GB = 1e9;

/** Checks a dump of 8 GB; `there` is what the database takes that it replaces. */
async function check(room: number | undefined, there: string | null) {
  const warned: object[] = [];
  const session = { role: "staging", query: async () => [{ bytes: there }] } as unknown as ReadSession;
  const platform = { databases: { room: async () => room } } as unknown as StageContext["platform"];
  const log = { ...silent, warn: (fields: object) => void warned.push(fields) };
  await checkRoom({ platform, log }, session, { bytesOut: 8 * GB }, "shop__next");
  return warned;
}

test("a dump of which not even a quarter has room is refused, with both sizes", async () => {
  await assert.rejects(check(1.5 * GB, null), {
    name: "FatalError",
    code: "SERVER_DISK_SMALL",
    message: /^The dump has 8\.0 GB of SQL, and the staging server has room for 1\.5 GB: it cannot hold it\./,
  });
});

test("one that may fit is warned of, and what it replaces counts as room", async () => {
  const sizes = { role: "staging", dumpBytes: 8 * GB };
  assert.deepEqual(await check(2 * GB, null), [{ ...sizes, roomBytes: 2 * GB }]);
  assert.deepEqual(await check(1.5 * GB, String(3 * GB)), [{ ...sizes, roomBytes: 4.5 * GB }]);
});

test("nothing is said where there is room, or where nobody knows", async () => {
  for (const [room, there] of [
    [8 * GB, null],
    [1 * GB, String(7 * GB)],
    [undefined, null],
  ] as const) {
    assert.deepEqual(await check(room, there), []);
  }
});
