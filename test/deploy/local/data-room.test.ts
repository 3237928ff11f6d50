// Room on a server's disk, as each kind of server tells where its data is.
import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { test } from "node:test";
import type { ReadSession } from "../../../contracts/platform.ts";
import { dataRoom } from "../../../deploy/local/data-room.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { servers } from "../../support/servers.ts";

for (const server of servers()) {
  test(`${server.name}: a server on this machine has the room of its data directory's file system`, async () => {
    await using opened = new AsyncDisposableStack();
    const { host, port, user, password } = server;
    const session = opened.adopt(await openReadSession("replica", { host, port, user, password }), (one) =>
      one.close(),
    );
    const { blocks, bsize } = await statfs(tmpdir()); // where test servers keep their data
    const room = await dataRoom(session);
    assert.ok(room !== undefined && room > 0 && room <= blocks * bsize, String(room));
  });
}

test("nobody tells the room of a server on another machine, or of a directory that is not here", async () => {
  const saying = (host: string, directory: string) =>
    ({ query: async () => [{ host, directory }] }) as unknown as ReadSession;
  assert.equal(await dataRoom(saying("another-machine", tmpdir())), undefined);
  assert.equal(await dataRoom(saying(hostname(), "/nowhere/mysql/")), undefined);
  assert.ok(((await dataRoom(saying(hostname(), tmpdir()))) ?? 0) > 0);
});
