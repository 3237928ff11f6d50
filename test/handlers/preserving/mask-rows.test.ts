// `mask: true`: the contract's transforms on staging's own rows, with every reference still right.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MaskingContract, PreserveRule } from "../../../contracts/sync-contract.ts";
import { setKey } from "../../../handlers/masking/index.ts";
import { readSchema } from "../../../handlers/mysql/schema.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { planUnderContract } from "../../../handlers/preserve.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { contractOf, emailOf, hashOf, KEY } from "../masking/support.ts";
import { openWorld, rowsOf, type World } from "./world.ts";

const SCHEMA = `
CREATE TABLE users (
  id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(100) NOT NULL UNIQUE, name VARCHAR(80) NOT NULL, kind VARCHAR(10) NOT NULL,
  seen_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE logins (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(100) NULL, ip VARCHAR(40) NULL,
  FOREIGN KEY (email) REFERENCES users (email));
CREATE TABLE teams (id INT AUTO_INCREMENT PRIMARY KEY, owner INT NULL, code VARCHAR(10) NOT NULL, FOREIGN KEY (owner) REFERENCES users (id));
`;
const THEN = "2020-01-01 00:00:00";
const STAGING = `${SCHEMA}
INSERT INTO users VALUES (1, 'ann@demo', 'Ann', 'guest', '${THEN}'), (2, 'bob@demo', 'Bob', 'demo', '${THEN}'), (5, 'eve@demo', 'Eve', 'guest', '${THEN}');
INSERT INTO logins VALUES (1, 'ann@demo', '10.0.0.1'), (2, 'bob@demo', '10.0.0.2'), (3, 'bob@demo', NULL);
INSERT INTO teams VALUES (1, 1, 'one'), (2, 2, 'two');
`;
const masking = contractOf({
  users: { id: "keep", email: "email", name: "hash", kind: "keep", seen_at: "keep" },
  logins: { id: "keep", email: "email", ip: "redact" },
  teams: { id: "keep", owner: "keep", code: "keep" },
});
const GUESTS = { table: "users", where: "kind = 'guest'", mask: true };
const DEMO = { table: "users", where: "kind = 'demo'" };

async function planOf(world: World, server: TestServer, preserve: readonly PreserveRule[], contract = masking) {
  const { host, port, user, password } = server;
  const session = await openReadSession("replica", { host, port, user, password });
  const database = async (side: "staging" | "copy") =>
    String((await rowsOf(world[side], "SELECT DATABASE()")).flat()[0]);
  try {
    const schemas = [
      await readSchema(session, await database("staging")),
      await readSchema(session, await database("copy")),
    ] as const;
    return planUnderContract({ masking: contract, preserve, references: [] }, ...schemas);
  } finally {
    await session.close();
  }
}

const open = (t: Parameters<typeof openWorld>[0], server: TestServer, more = "") =>
  openWorld(t, { staging: server, copy: server }, { staging: STAGING, copy: SCHEMA + more });

for (const server of servers()) {
  test(`rows of a rule that says so are masked, and those that come along with them, on ${server.name}`, async (t) => {
    const world = await open(t, server, `INSERT INTO users VALUES (1, 'x', 'x', 'x', '${THEN}');\n`);
    const plan = await planOf(world, server, [GUESTS, DEMO]);
    const options = { setKey: (session: Parameters<typeof setKey>[0]) => setKey(session, KEY) };
    while ((await world.carry(plan, { ...options, batchRows: 1, signal: AbortSignal.abort() })) === "out-of-time");
    await world.prove(plan);
    assert.deepEqual(
      await rowsOf(
        world.copy,
        "SELECT id, email, name, CAST(seen_at AS CHAR) FROM users WHERE kind <> 'x' ORDER BY kind, id",
      ),
      [
        [2, "bob@demo", "Bob", THEN],
        [5, emailOf("eve@demo"), hashOf("Eve"), THEN],
        [6, emailOf("ann@demo"), hashOf("Ann"), THEN],
      ],
    );
    assert.deepEqual(await rowsOf(world.copy, "SELECT email, ip FROM logins ORDER BY id"), [
      [emailOf("ann@demo"), "********"],
      ["bob@demo", "10.0.0.2"],
      ["bob@demo", null],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT owner FROM teams ORDER BY id"), [[6], [2]]);
  });

  test(`a masked row refers to what the copy has already, on ${server.name}`, async (t) => {
    const world = await open(t, server, `INSERT INTO users VALUES (2, 'bob@demo', 'x', 'x', '${THEN}');\n`);
    const plan = await planOf(world, server, [{ table: "logins", where: "id = 2", mask: true }]);
    await world.carry(plan, { setKey: (session) => setKey(session, KEY) });
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT email, ip FROM logins"), [["bob@demo", "********"]]);
  });

  test(`unique keys are checked by masked values, on ${server.name}`, async (t) => {
    const more = `INSERT INTO users VALUES (9, '${emailOf("eve@demo")}', 'x', 'x', '${THEN}');\n`;
    const world = await open(t, server, more);
    const plan = await planOf(world, server, [GUESTS]);
    await assert.rejects(world.carry(plan, { setKey: (session) => setKey(session, KEY) }), {
      code: "PRESERVE_UNIQUE_CLASH",
      message: /the key `email` of `users` of 1 rows/,
    });
  });
}

test("what needs production's values cannot mask staging's", async (t) => {
  const [server] = servers();
  assert.ok(server);
  const world = await open(t, server);
  const { tables } = masking;
  const permuted: MaskingContract = {
    ...masking,
    tables: { ...tables, ...contractOf({ teams: { id: "keep", owner: "keep", code: "permute" } }).tables },
  };
  await assert.rejects(planOf(world, server, [GUESTS], permuted), {
    code: "PRESERVE_MASK_UNFIT",
    message: /`teams.code`/,
  });
  await planOf(world, server, [DEMO], permuted);
  await planOf(world, server, [DEMO, { ...GUESTS, follow: ["logins"] }], permuted);
  await assert.rejects(planOf(world, server, [{ ...DEMO, match: ["email"] }]), { code: "PRESERVE_MATCH_MASKED" });
});
