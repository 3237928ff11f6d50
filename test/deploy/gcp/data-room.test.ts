// What is told of an instance's disk before an import: by the Admin API through its client, and by SQL.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRoom } from "../../../handlers/check-room.ts";
import { silent } from "../../platform/world.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, createDatabase, mainServer } from "../../support/servers.ts";
import { openDatabasesWorld } from "./open-databases.ts";

const GIB = 1024 ** 3;

const disks: [settings: object, bytes: number | undefined, what: string][] = [
  [{ dataDiskSizeGb: "10", storageAutoResize: false }, 10 * GIB, "does not grow"],
  [{ dataDiskSizeGb: "10", storageAutoResize: true, storageAutoResizeLimit: "0" }, undefined, "grows"],
  [{ dataDiskSizeGb: "10", storageAutoResize: true }, undefined, "grows, as the API leaves a limit of 0 out"],
  [{ dataDiskSizeGb: "10", storageAutoResize: true, storageAutoResizeLimit: "30" }, 30 * GIB, "grows to a limit"],
  [{ dataDiskSizeGb: "40", storageAutoResize: true, storageAutoResizeLimit: "30" }, 40 * GIB, "has passed its limit"],
  [{ dataDiskSizeGb: "10", storageAutoResize: false, storageAutoResizeLimit: "30" }, 10 * GIB, "once grew to a limit"],
];

test("the room on an instance's disk is what it may grow to, without the data on it", async (t) => {
  const resource: { settings: object } = { settings: {} };
  const { databases } = await openDatabasesWorld(t, { resources: { replica: resource } });
  const root = await connect(t, mainServer(), await createDatabase(t, mainServer(), "room"));
  await root.query("CREATE TABLE filled (filling CHAR(200)) CHARACTER SET latin1");
  const session = await databases.read("replica");
  afterTest(t, () => session.close());
  for (const [settings, bytes, what] of disks) {
    resource.settings = settings;
    const room = await databases.room(session);
    if (bytes === undefined || room === undefined) {
      assert.equal(room, bytes, what);
      continue;
    }
    assert.ok(room <= bytes && room > bytes - GIB, `${what}: ${room} of ${bytes}`);
  }
});

test("a dump that a disk of fixed size cannot hold is refused before it is imported; one for a disk that grows is not", async (t) => {
  const resource = { settings: { dataDiskSizeGb: "10", storageAutoResize: false } };
  const { databases } = await openDatabasesWorld(t, { resources: { replica: resource } });
  const session = await databases.write("replica");
  afterTest(t, () => session.close());
  const check = () =>
    checkRoom({ platform: { databases } as never, log: silent }, session, { bytesOut: 50 * GIB }, "shop");
  await assert.rejects(check(), {
    code: "SERVER_DISK_SMALL",
    message: /The dump has 53\.7 GB of SQL, and the replica server has room for 10\.\d GB.*or let it grow/,
  });
  resource.settings.storageAutoResize = true;
  await check();
});
