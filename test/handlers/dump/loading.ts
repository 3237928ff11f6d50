// Loading a rewritten dump into a test server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findTools } from "../../../deploy/local/sql-admin/tools.ts";
import type { TestServer } from "../../support/servers.ts";

/** Loads a dump as an import does: with the mysql client of the server's kind. */
export async function loadWithClient(server: TestServer, dump: Buffer): Promise<void> {
  const [client] = await findTools("client", server.flavour);
  assert.ok(client);
  const options = ["--no-defaults", "--protocol=tcp", `--host=${server.host}`, `--port=${server.port}`];
  if (client.flavour === "mysql") options.push("--get-server-public-key");
  const child = spawn(client.path, [...options, `--user=${server.user}`, "--binary-mode"], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, MYSQL_PWD: server.password },
  });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, "close");
  await pipeline(Readable.from([dump]), child.stdin).catch(() => {
    // the client's own words tell more
  });
  const [code] = await ended;
  assert.equal(code, 0, said);
}
