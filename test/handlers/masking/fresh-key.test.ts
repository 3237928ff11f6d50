// A masking key of one run: the same to whoever asks in that run, another in the next, and in no statement's text.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WriteSession } from "../../../contracts/platform.ts";
import { freshKey } from "../../../handlers/masking/index.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, servers } from "../../support/servers.ts";
import { closeAfter, createCopy } from "./support.ts";

/** Keeps the text of every statement, as the server and its logs see it. */
function recorded(session: WriteSession): { session: WriteSession; statements: string[] } {
  const statements: string[] = [];
  return {
    statements,
    session: {
      ...session,
      run: (sql, values) => (statements.push(`${sql} ${JSON.stringify(values)}`), session.run(sql, values)),
      query: (sql, values) => (statements.push(`${sql} ${JSON.stringify(values)}`), session.query(sql, values)),
    },
  };
}

for (const server of servers()) {
  test(`a run has one key however often and from wherever it is asked for, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const work = `${copy.database}_work`;
    afterTest(t, async () => {
      const root = await connect(t, server);
      await root.query(`DROP DATABASE IF EXISTS \`${work}\``);
      await root.end();
    });
    const sessions = await Promise.all([1, 2, 3].map(() => copy.open()));
    for (const session of sessions) closeAfter(t, session);
    const [first = Buffer.alloc(0), ...others] = await Promise.all(sessions.map((own) => freshKey(own, "run-1", work)));
    assert.equal(first.byteLength, 32);
    for (const other of others) assert.deepEqual(other, first);

    const [session] = sessions;
    assert.ok(session);
    const watched = recorded(session);
    assert.deepEqual(await freshKey(watched.session, "run-1", work), first);
    const second = await freshKey(watched.session, "run-2", work);
    assert.notDeepEqual(second, first);
    // The first run's is gone: asked again, it is another one.
    assert.notDeepEqual(await freshKey(watched.session, "run-1", work), first);

    const texts = watched.statements.join("\n");
    assert.match(texts, /INSERT IGNORE INTO/);
    for (const key of [first, second]) {
      for (const form of ["hex", "latin1", "base64"] as const) {
        assert.ok(
          !texts.toLowerCase().includes(key.toString(form).toLowerCase()),
          `a statement has the key in ${form}`,
        );
      }
    }
    const [left] = await session.query<{ value: string | Buffer }>("SELECT @understudy_fresh_key AS value");
    assert.equal(String(left?.value), "", "nothing of it is left in the session");
  });
}
