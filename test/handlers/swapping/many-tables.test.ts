// A schema of many small tables, on every server: what is done for each of them must stay little.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { dumpStatements } from "../../../deploy/local/sql-admin/dump-statements.ts";
import { ImportSessions } from "../../../deploy/local/sql-admin/import-sessions.ts";
import { listTables, swapTables } from "../../../handlers/swapping/index.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { dumpWithoutUse, rewrite } from "../dump/rewriting.ts";
import { openStaging } from "./staging.ts";

const TABLES = 2_000;
/** One table in so many refers to the one before. */
const REFERRING = 4;

/** As the tools write it. */
function dump(): Buffer {
  return dumpWithoutUse(
    "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;",
    ...Array.from({ length: TABLES }, (_, i) => {
      const key = `,\n  KEY \`other\` (\`other\`),\n  CONSTRAINT \`to_${i}\` FOREIGN KEY (\`other\`) REFERENCES \`table_${i - 1}\` (\`id\`)`;
      return `DROP TABLE IF EXISTS \`table_${i}\`;
CREATE TABLE \`table_${i}\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`other\` int DEFAULT NULL,
  PRIMARY KEY (\`id\`)${i % REFERRING === 1 ? key : ""}
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
LOCK TABLES \`table_${i}\` WRITE;
INSERT INTO \`table_${i}\` VALUES (1,1),(2,NULL);
UNLOCK TABLES;`;
    }),
  );
}

async function load(server: TestServer, database: string, sql: Buffer): Promise<void> {
  const { host, port, user, password } = server;
  const sessions = new ImportSessions({
    ...{ operation: "import", type: "import", statePath: "", dumps: "", role: "staging", object: "dump.sql" },
    ...{ server: { host, port, user, password }, database },
  });
  await sessions.open();
  async function* chunks() {
    yield sql;
  }
  for await (const statement of dumpStatements(chunks())) await sessions.begin(statement);
  await sessions.end();
}

test(`a dump of ${TABLES} small tables is rewritten, loaded and swapped in`, { concurrency: true }, async (every) => {
  await Promise.all(servers().map((server) => every.test(`on ${server.name}`, (t) => comesIn(t, server))));
});

async function comesIn(t: TestContext, server: TestServer): Promise<void> {
  const { session, live, next, rows } = await openStaging(t, server, { live: [], next: [] });
  const times = [performance.now()];
  const { bytes, outcome } = await rewrite(dump(), { to: next });
  assert.equal(outcome.tables.length, TABLES);
  times.push(performance.now());
  await load(server, next, bytes);
  times.push(performance.now());
  const { setAside } = await swapTables(session, { live, next, previous: `${live}__prev`, stays: () => false });
  times.push(performance.now());
  const seconds = times.slice(1).map((time, i) => ((time - times[i]!) / 1000).toFixed(1));
  t.diagnostic(`rewriting, loading, swapping: ${seconds.join(", ")} s`);
  assert.deepEqual(setAside, []);
  assert.deepEqual([(await listTables(session, live)).length, (await listTables(session, next)).length], [TABLES, 0]);
  const [keys] = await rows(
    `SELECT COUNT(*) AS n FROM information_schema.referential_constraints
       WHERE constraint_schema = '${live}' AND unique_constraint_schema = '${live}'`,
  );
  assert.equal((keys as { n: number }).n, Math.ceil((TABLES - 1) / REFERRING));
  const last = await rows(`SELECT id, other FROM \`${live}\`.table_${TABLES - 1} ORDER BY id`);
  assert.deepEqual(
    last.map((row) => ({ ...(row as object) })),
    [
      { id: 1, other: 1 },
      { id: 2, other: null },
    ],
  );
}
