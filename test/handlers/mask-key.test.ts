// The masking key: long enough, or nothing is masked with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StageContext } from "../../contracts/stage.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { maskingKey } from "../../handlers/mask.ts";

/** Of a context only what the key is read from. */
const contextWith = (secret: string) =>
  ({
    contract: { masking: { key: "env:KEY" } },
    platform: { secrets: { read: async () => secret } },
  }) as unknown as StageContext;
const NO_SESSION = {} as WriteSession;

test("a masking key of fewer than 32 bytes is refused by its name and length, and is not told", async () => {
  const secret = "hunter2-".repeat(4);
  assert.deepEqual(await maskingKey(contextWith(secret), NO_SESSION), Buffer.from(secret));
  await assert.rejects(maskingKey(contextWith(secret.slice(1)), NO_SESSION), {
    code: "MASKING_KEY_SHORT",
    message: /^The masking key at `env:KEY` has 31 bytes; it needs 32 or more\. (?!.*hunter2)/,
  });
});
