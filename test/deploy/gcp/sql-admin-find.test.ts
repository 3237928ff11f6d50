// An operation is looked for in the instance's lists: page by page, the newest first, and not in all of its history.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { OAuth2Client } from "google-auth-library";
import type { OperationRequest } from "../../../contracts/platform.ts";
import { openSqlAdminClient } from "../../../deploy/gcp/sql-admin/client.ts";
import { findOperation } from "../../../deploy/gcp/sql-admin/find-operation.ts";
import { startHttpServer } from "../../gcp/servers/http.ts";

const URI = "gs://shop-dumps/runs/one/production.sql.gz";
const EXPORT: OperationRequest = {
  ...{ type: "export", key: "k", role: "production", database: "shop", object: "runs/one/production.sql.gz" },
};
const BACKUP: OperationRequest = { type: "backup", key: "one/backup-staging/1", role: "staging", database: "shop" };

const now = new Date("2026-11-22T12:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const exported = (name: string, uri: string, days: number, status = "DONE") => ({
  ...{ name, status, operationType: "EXPORT", insertTime: daysAgo(days), exportContext: { uri } },
});

test("the newest that matches is found, on whichever page", async (t) => {
  const { find, asked } = await openLists(t, {
    operations: [
      [
        exported("a", `${URI}x`, 0),
        { name: "b", status: "DONE", operationType: "IMPORT", importContext: { uri: URI } },
      ],
      [],
      [exported("c", URI, 1, "RUNNING"), exported("d", URI, 2)],
      [exported("e", URI, 3)],
    ],
  });
  assert.equal((await find(EXPORT, URI))?.name, "c");
  assert.deepEqual(asked, ["operations", "operations 1", "operations 2"]);
});

test("nobody looks further back than a message can come again", async (t) => {
  const { find, asked } = await openLists(t, {
    operations: [
      [exported("a", "another", 0), exported("b", URI, 8)],
      [exported("c", "another", 9), exported("d", "another", 6)],
      [exported("e", URI, 9), exported("f", URI, 10)],
      [exported("g", URI, 11)],
    ],
  });
  assert.equal(await find(EXPORT, URI), undefined);
  assert.deepEqual(asked, ["operations", "operations 1", "operations 2"]);
});

test("a backup is known by its description, and its operation by the backup", async (t) => {
  const backup = (name: string, backupId: string) => ({
    ...{ name, status: "DONE", operationType: "BACKUP_VOLUME", insertTime: daysAgo(0), backupContext: { backupId } },
  });
  const lists = {
    backupRuns: [
      [{ id: "300", description: "one/backup-staging/2", enqueuedTime: daysAgo(0) }, { id: "200" }],
      [{ id: "100", description: BACKUP.key, enqueuedTime: daysAgo(1) }],
    ],
    operations: [
      [backup("three", "300"), { ...backup("deleted", "100"), operationType: "DELETE_BACKUP" }],
      [backup("one", "100")],
    ],
  };
  const { find } = await openLists(t, lists);
  assert.equal((await find(BACKUP))?.name, "one");
  assert.equal(await find({ ...BACKUP, key: "two/backup-staging/1" }), undefined);
});

/** The API with these lists, page by page. */
async function openLists(t: TestContext, lists: { operations: object[][]; backupRuns?: object[][] }) {
  const asked: string[] = [];
  const page = (name: "operations" | "backupRuns", token: string | undefined) => {
    asked.push(token === undefined ? name : `${name} ${token}`);
    const at = Number(token ?? 0);
    const all = lists[name] ?? [];
    return { json: { items: all[at], ...(at + 1 < all.length ? { nextPageToken: String(at + 1) } : {}) } };
  };
  const server = await startHttpServer({
    "GET /v1/projects/p/operations": ({ query }) => page("operations", query("pageToken")),
    "GET /v1/projects/p/instances/i/backupRuns": ({ query }) => page("backupRuns", query("pageToken")),
  });
  t.after(() => server.close());
  const auth = new OAuth2Client();
  auth.setCredentials({ access_token: "a token", expiry_date: Date.now() + 3_600_000 });
  const client = openSqlAdminClient(
    { sqlAdmin: server.url },
    auth as unknown as Parameters<typeof openSqlAdminClient>[1],
  );
  const instance = { project: "p", name: "i" };
  const find = (request: OperationRequest, uri?: string) => findOperation({ client, instance, now }, request, uri);
  return { find, asked };
}
