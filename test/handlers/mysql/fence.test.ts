// The fence on an instance, where another session holds it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WriteSession } from "../../../contracts/platform.ts";
import { takeFence } from "../../../handlers/mysql/fence.ts";

/** As the server answers GET_LOCK: 1 taken, 0 when the wait was in vain. */
const answering = (taken: number | string) =>
  ({ role: "replica", query: async () => [{ taken }] }) as unknown as WriteSession;

test("a fence that another session holds is waited for: that session may be in an hour's statement", async () => {
  await takeFence(answering(1), "shop");
  await takeFence(answering("1"), "shop");
  await assert.rejects(takeFence(answering(0), "shop"), { name: "RetryAfter", code: "INSTANCE_FENCED", busy: true });
});
