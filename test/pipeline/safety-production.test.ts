// Production is read and never written: every statement of a whole sync there, as its own general log has it.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { assertSynced } from "../support/assert-synced.ts";
import { type Pipeline, openPipeline, requestSync, waitForRun } from "../support/pipeline.ts";
import { realMySqlTools, startTestMySql } from "../support/real-mysql.ts";
import { servers, startTestServer } from "../support/servers.ts";

/** What a statement may begin with. Nothing of it writes, and no lock of it is felt by writers. */
const READING =
  /^(?:SELECT|SHOW|SET|USE|START TRANSACTION|SAVEPOINT|ROLLBACK|RELEASE SAVEPOINT|COMMIT|UNLOCK TABLES)\b/i;
/** What none may have in it. */
const WRITING =
  /\bINTO\s+(?:OUTFILE|DUMPFILE)\b|\bFOR\s+(?:UPDATE|SHARE)\b|\bLOCK\s+IN\b|\bGET_LOCK\b|^SET\s+(?:@@)?(?:GLOBAL|PERSIST|PASSWORD|ROLE)/i;

const HAS_MYSQL = servers().some(({ name }) => name.startsWith("MySQL 9.7"));

for (const [kind, tools] of [
  ["MariaDB", "the tools of this machine"],
  ["MySQL 9.7", "the built-in dump"],
  ["MySQL 9.7", "MySQL's own tool"],
] as const) {
  test(`a whole sync only reads on ${kind}, with ${tools}, without a lock that a writer could feel`, async (t) => {
    if (kind === "MySQL 9.7" && !HAS_MYSQL) return t.skip("NOT TESTED: there is no MySQL 9.7 on this machine.");
    const pipeline = await openLogged(t, kind);
    const before = await counters(pipeline);
    const environment = { ...pipeline.environment };
    if (tools === "MySQL's own tool") environment["UNDERSTUDY_MYSQL_BIN"] = await realMySqlTools();
    const world = await pipeline.open({ environment });
    world.work?.start();
    const run = await waitForRun(world, await requestSync(world));
    assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
    assert.deepEqual(await counters(pipeline), before);
    const rows = await pipeline.query(
      "production",
      "SELECT command_type AS kind, CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE user_host LIKE '%understudy%'",
    );
    assert.ok(rows.length > 100, `${rows.length} statements`);
    const others = rows.filter((row) => !isReading(String(row["kind"]), String(row["text"])));
    assert.deepEqual(
      others.map((row) => `${String(row["kind"])}: ${String(row["text"])}`),
      [],
    );
    return assertSynced(pipeline);
  });
}

function isReading(kind: string, text: string): boolean {
  if (["Connect", "Quit", "Init DB", "Statistics", "Ping", "Reset stmt", "Close stmt"].includes(kind)) return true;
  const statement = text.replaceAll(/\/\*M?!\d*|\*\//g, " ").trim();
  return (
    (kind === "Query" || kind === "Prepare" || kind === "Execute") &&
    READING.test(statement) &&
    !WRITING.test(statement)
  );
}

/** How often production ran statements that write or lock, since it was started. */
async function counters({ query }: Pipeline): Promise<Record<string, string>> {
  const rows = await query("production", "SHOW GLOBAL STATUS LIKE 'Com\\_%'");
  const writing =
    /^Com_(?:insert|update|delete|replace|load|truncate|call|create|drop|alter|rename|grant|revoke|lock|flush|optimize|repair|do)/i;
  return Object.fromEntries(
    rows
      .map((row): [string, string] => [String(row["Variable_name"]), String(row["Value"])])
      .filter(([name]) => writing.test(name)),
  );
}

/** Production with a general log in a table, and with nothing granted but what the documentation lists. */
async function openLogged(t: TestContext, kind: "MariaDB" | "MySQL 9.7"): Promise<Pipeline> {
  const start = async (name: string) => (await startTestServer(t, { name })).test;
  const production = kind === "MariaDB" ? await start("production") : await startTestMySql(t, "9.7");
  const [replica, staging] = await Promise.all([start("replica"), start("staging")]);
  const pipeline = await openPipeline(t, { servers: { production, replica, staging } });
  await pipeline.query("production", "SET GLOBAL log_output = 'TABLE'");
  await pipeline.query("production", "SET GLOBAL general_log = ON");
  return pipeline;
}
