// Every call of the stage plans anew from the copy as it is: half masked, and with some of its unique keys dropped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, emailOf, hashOf, manyRows } from "./support.ts";

for (const server of servers()) {
  test(`planned anew before every step, masking goes on to its end, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(120) NOT NULL, token VARCHAR(64), code CHAR(8), UNIQUE KEY (email),
         UNIQUE KEY by_token (token, id), UNIQUE KEY (code)) DEFAULT CHARSET utf8mb4`,
      "CREATE TABLE logins (n INT PRIMARY KEY, code CHAR(8), FOREIGN KEY (code) REFERENCES users (code)) DEFAULT CHARSET utf8mb4",
      `CREATE TABLE keyless (k VARCHAR(64) PRIMARY KEY, n INT) DEFAULT CHARSET utf8mb4`,
      `CREATE TABLE plain (n INT PRIMARY KEY, email VARCHAR(120) NOT NULL, UNIQUE KEY (email)) DEFAULT CHARSET utf8mb4`,
      `INSERT INTO plain VALUES ${manyRows(60, (n) => `${n}, 'a${n}@example.org'`)}`,
      `INSERT INTO users VALUES ${manyRows(60, (n) => `${n}, 'a${n}@example.org', 't${n % 3}', 'c${n}'`)}`,
      `INSERT INTO logins VALUES ${manyRows(60, (n) => `${n}, 'C${n}'`)}`,
      `INSERT INTO keyless VALUES ${manyRows(60, (n) => `'k${n}', ${n}`)}`,
    ]);
    const contract = contractOf({
      users: { id: "keep", email: "email", token: "hash", code: "permute" },
      logins: { n: "keep" },
      plain: { n: "keep", email: "email" },
      keyless: { k: "hash", n: "keep" },
    });
    const before = await copy.rows("SELECT u.id, l.n FROM users u JOIN logins l USING (code) ORDER BY u.id");
    const job = () => copy.job(contract, { signal: AbortSignal.abort(), dropKeysFromRows: 1, chunkRows: 13 });
    let calls = 1;
    while ((await maskReplica(await job())) === "out-of-time") calls++;
    assert.ok(calls > 10, String(calls));
    for (const { id, email, token } of await copy.rows("SELECT id, email, token FROM users")) {
      assert.equal(String(email), emailOf(`a${String(id)}@example.org`));
      assert.equal(String(token), hashOf(`t${Number(id) % 3}`));
    }
    for (const { k, n } of await copy.rows("SELECT k, n FROM keyless"))
      assert.equal(String(k), hashOf(`k${String(n)}`));
    assert.deepEqual(await copy.rows("SELECT u.id, l.n FROM users u JOIN logins l USING (code) ORDER BY u.id"), before);
    while ((await proveMasking(await job())) === "out-of-time");
  });
}
