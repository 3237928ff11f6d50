// While a table's keys are restored, sessions that would wait read it for the proof: each range once, whatever stops them.
import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isFatal, isRetryAfter } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { maskReplica, proveMasking, type MaskingJob } from "../../../handlers/masking/index.ts";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "./support.ts";

const ROWS = 400;
const RANGES = 8;
/** Longer than the reads wait for the ALTER, and than they take. */
const ALTER_MS = 600;

/** A copy whose keys take long to come back. `lose` tells for each read whether its connection is lost on the way. */
async function slowKeys(t: TestContext, server: TestServer, lose: (read: number) => boolean = () => false) {
  const copy = await createCopy(t, server, [
    "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(60), code VARCHAR(60), KEY by_name (name)) DEFAULT CHARSET utf8mb4",
    `INSERT INTO people VALUES ${manyRows(ROWS, (n) => `${n}, 'Name ${n}', 'no. 4711${n}'`)}`,
  ]);
  const seen = { reads: 0, lost: 0 };
  const open = async (): Promise<WriteSession> => {
    const { host, port, user, password } = server;
    const stream = createConnection({ host, port });
    const session = await openWriteSession("replica", { user, password, stream });
    const query: WriteSession["query"] = (sql, values) => {
      if (sql.includes("understudy_rows") && lose(seen.reads++)) {
        seen.lost++;
        stream.destroy();
      }
      return session.query(sql, values);
    };
    const run: WriteSession["run"] = async (sql, values) => {
      if (/^ALTER TABLE .* ADD /.test(sql)) await sleep(ALTER_MS);
      return session.run(sql, values);
    };
    return { ...session, query, run };
  };
  const options = { open, connections: 3, dropKeysFromRows: 1, proofRangeRows: ROWS / RANGES };
  const job = await copy.job(contractOf({ people: { id: "keep", name: "hash", code: "digits" } }), options);
  return { copy, job, seen };
}

async function code(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  assert.ok(isFatal(error) || isRetryAfter(error), String(error));
  return error.code;
}

for (const server of servers()) {
  test(`the proof's reads begin while keys are restored, and none is done twice, on ${server.name}`, async (t) => {
    const { job, seen } = await slowKeys(t, server);
    assert.equal(await maskReplica(job), "finished");
    assert.ok(seen.reads > 0);
    assert.partialDeepStrictEqual(await proveMasking(job), { rows: ROWS, originals: ROWS, compared: ROWS });
    assert.equal(seen.reads, RANGES);
  });

  test(`a row that was left alone is a leak then, and at every later look, on ${server.name}`, async (t) => {
    const { job } = await slowKeys(t, server);
    const tables = job.plan.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) =>
        column.column === "name" ? { ...column, sql: `IF(id = 233, name, ${column.sql ?? ""})` } : column,
      ),
    }));
    const broken: MaskingJob = { ...job, plan: { ...job.plan, tables } };
    assert.equal(await code(maskReplica(broken)), "MASK_LEAK");
    assert.equal(await maskReplica(broken), "finished"); // its keys are there
    assert.equal(await code(proveMasking(broken)), "MASK_LEAK");
  });

  test(`a session that is lost while it reads leaves its range to be read, on ${server.name}`, async (t) => {
    const { job, seen } = await slowKeys(t, server, (read) => read === 0 || read === 2);
    assert.equal(await code(maskReplica(job)), "MYSQL_UNREACHABLE");
    assert.equal(await maskReplica(job), "finished");
    const proof = await proveMasking(job).catch((error: unknown) => (isRetryAfter(error) ? proveMasking(job) : error));
    assert.partialDeepStrictEqual(proof, { rows: ROWS, originals: ROWS, compared: ROWS });
    assert.equal(seen.lost, 2);
    assert.equal(seen.reads, RANGES + seen.lost);
  });
}
