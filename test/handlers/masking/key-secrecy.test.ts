// The masking key stands in no log of the server: not even where masking is refused because the server logs statements.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RowDataPacket } from "mysql2/promise";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { keyedHash, setKey } from "../../../handlers/masking/keyed.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, servers, startTestServer } from "../../support/servers.ts";
import { closeAfter, contractOf, createCopy, KEY } from "./support.ts";

const TABLES = [
  "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(100)) ENGINE=InnoDB",
  "INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob')",
];
const CONTRACT = contractOf({ people: { id: "keep", name: "hash" } });

/** What a log would hold of the two pads in session variables: the key's letters, XORed, are printable. */
const TRACES = [0x36, 0x5c].flatMap((pad) => {
  const letters = Buffer.from(KEY.subarray(10, 16).map((byte) => byte ^ pad));
  return [letters.toString("latin1"), letters.toString("hex")];
});

function assertNoTrace(log: Buffer): void {
  const text = log.toString("latin1").toLowerCase();
  for (const trace of TRACES) assert.ok(!text.includes(trace.toLowerCase()), "the log has the key");
}

test("a server with a general log is refused before it is told the key", async (t) => {
  const own = await startTestServer(t, { flags: ["--general-log=ON", "--general-log-file=general.log"] });
  const job = await (await createCopy(t, own.test, TABLES)).job(CONTRACT);
  for (const work of [maskReplica, proveMasking]) {
    const error: unknown = await work(job).catch((caught: unknown) => caught);
    assert.ok(error instanceof Error && "code" in error && error.code === "MASK_KEY_LOGGED", String(error));
  }
  const log = await readFile(join(own.directory, "data/general.log"));
  assert.ok(log.includes("SET SESSION sql_mode"), "the log was written");
  assertNoTrace(log);
});

for (const server of servers()) {
  test(`other sessions do not see the key in the server's lists of statements, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, TABLES);
    const session = await copy.open();
    closeAfter(t, session);
    const seen: unknown[] = [];
    const look = async () => {
      seen.push(await copy.rows("SHOW FULL PROCESSLIST"));
      seen.push(await copy.rows("SHOW ENGINE INNODB STATUS"));
    };
    await setKey(session, KEY);
    await look();
    const slow = session.query(`SELECT SLEEP(0.5), ${keyedHash("hash", "'Ann'")}`);
    while (!JSON.stringify(seen).includes("SLEEP(0.5)")) await look();
    await slow;
    assertNoTrace(Buffer.from(JSON.stringify(seen)));
  });

  test(`a slow log of every statement does not get the key, on ${server.name}`, async (t) => {
    const root = await connect(t, server);
    const [[before]] = await root.query<RowDataPacket[]>(
      "SELECT @@GLOBAL.slow_query_log AS slow, @@GLOBAL.long_query_time AS seconds, @@GLOBAL.slow_query_log_file AS file, @@datadir AS directory",
    );
    assert.ok(before);
    await root.query("SET GLOBAL slow_query_log = 1, GLOBAL long_query_time = 0");
    afterTest(t, async () => {
      await root.query("SET GLOBAL slow_query_log = ?, GLOBAL long_query_time = ?", [
        Number(before["slow"]),
        Number(before["seconds"]),
      ]);
    });
    const job = await (await createCopy(t, server, TABLES)).job(CONTRACT);
    assert.equal(await maskReplica(job), "finished");
    assert.ok(typeof (await proveMasking(job)) === "object");
    const file = String(before["file"]);
    const log = await readFile(file.startsWith("/") ? file : join(String(before["directory"]), file));
    assert.ok(log.includes("INSERT INTO people"), "the log was written");
    assertNoTrace(log);
  });
}
