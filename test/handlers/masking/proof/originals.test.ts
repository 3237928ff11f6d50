// Originals that other text could quote are read on several sessions, and none is missing, whichever of them is lost.
import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isRetryAfter } from "../../../../contracts/errors.ts";
import type { WriteSession } from "../../../../contracts/platform.ts";
import { maskReplica, proveMasking } from "../../../../handlers/masking/index.ts";
import { openWriteSession } from "../../../../handlers/mysql/session.ts";
import { servers, type TestServer } from "../../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "../support.ts";

const ROWS = 400;
const RANGES = 8;
/** After which a session that waits for another one's read goes on without. */
const LONG_MS = 10_000;

/** `lose` tells by a session's number, for each of its reads of originals, whether the connection is lost on the way. */
async function people(t: TestContext, server: TestServer, lose: (session: number) => boolean) {
  const copy = await createCopy(t, server, [
    "CREATE TABLE people (id INT PRIMARY KEY, mail VARCHAR(60)) DEFAULT CHARSET utf8mb4",
    `INSERT INTO people VALUES ${manyRows(ROWS, (n) => `${n}, 'ann${n}@mail.test'`)}`,
  ]);
  const readers: number[] = [];
  const areAtIt = Promise.withResolvers<void>();
  let opened = 0;
  const open = async (): Promise<WriteSession> => {
    const { host, port, user, password } = server;
    const stream = createConnection({ host, port });
    const session = await openWriteSession("replica", { user, password, stream });
    const number = opened++;
    const query: WriteSession["query"] = async (sql, values) => {
      if (sql.includes("GROUP_CONCAT")) {
        const isLost = lose(number);
        readers.push(number);
        // Not before the first session and another one have a range each, however busy the machine is.
        if (readers.includes(0) && new Set(readers).size > 1) areAtIt.resolve();
        await Promise.race([areAtIt.promise, sleep(LONG_MS, undefined, { ref: false })]);
        if (isLost) stream.destroy();
      }
      return session.query(sql, values);
    };
    return { ...session, query };
  };
  const job = await copy.job(contractOf({ people: { id: "keep", mail: "hash" } }), {
    open,
    proofRangeRows: ROWS / RANGES,
  });
  return { job, readers };
}

for (const server of servers()) {
  test(`several sessions read a table's originals, each range once, on ${server.name}`, async (t) => {
    const { job, readers } = await people(t, server, () => false);
    assert.equal(await maskReplica(job), "finished");
    assert.equal(readers.length, RANGES);
    assert.ok(new Set(readers).size > 1);
    assert.partialDeepStrictEqual(await proveMasking(job), { originals: ROWS, quotable: ROWS });
  });

  test(`a session that is lost while it reads originals leaves none of them out, on ${server.name}`, async (t) => {
    // The first session's step is the one that stores what the others read.
    for (const isLost of [(session: number) => session === 0, (session: number) => session > 0]) {
      let lost = 0;
      const { job } = await people(t, server, (session) => lost === 0 && isLost(session) && ++lost > 0);
      const error: unknown = await maskReplica(job).catch((caught: unknown) => caught);
      assert.ok(isRetryAfter(error), String(error));
      assert.equal(await maskReplica(job), "finished");
      assert.partialDeepStrictEqual(await proveMasking(job), { originals: ROWS, quotable: ROWS });
    }
  });
}
