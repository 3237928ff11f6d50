// What a dump's tables need of a server is told before anything is imported: of what one server makes and another lacks.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowDataPacket } from "mysql2";
import { checkDump } from "../../../handlers/check-dump.ts";
import { isFatal } from "../../../contracts/errors.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { connect, connectionOptions, createDatabase, servers, type TestServer } from "../../support/servers.ts";
import { loadWithClient } from "./loading.ts";
import { dumpOf, dumpWithoutUse, rewrite } from "./rewriting.ts";

test("features are found where servers write them, and not in names, texts, expressions and versioned comments", async () => {
  const { outcome } = await rewrite(
    dumpOf(
      "SET TIME_ZONE='+00:00';",
      "CREATE TABLE `plain` (`json` int, `invisible` int COMMENT 'AS (x) INVISIBLE', `as` timestamp NULL DEFAULT current_timestamp(), `b` int /*!80023 INVISIBLE */, `d` char(9) DEFAULT 'uuid()', PRIMARY KEY (`b`), KEY `ignored` (`as`), CHECK (cast(`b` as signed) > 0)) ENGINE=InnoDB /*!50100 PARTITION BY KEY (b) */;",
      "CREATE TABLE `rich` (`a` json, `b` int GENERATED ALWAYS AS (`a` + 1) VIRTUAL, `c` char(36) DEFAULT uuid(), `d` int INVISIBLE, KEY `over` ((`a` + 1)), KEY `off` (`d`) IGNORED, SPATIAL KEY `spot` (`s`));",
      "CREATE TABLE `old` (`a` uuid, SPATIAL KEY `spot` (`s`)) ENGINE=MyISAM /*!50100 PARTITION BY KEY (a) */;",
      "CREATE TABLE `marias` (`a` int) ENGINE=Aria WITH SYSTEM VERSIONING;",
    ),
  );
  assert.deepEqual(outcome.checkpoint.features, {
    "the type `json`": "rich.a",
    "generated columns": "rich.b",
    "expressions as defaults": "rich.c",
    "invisible columns": "rich.d",
    "keys over expressions": "rich.over",
    "keys that are ignored": "rich.off",
    "spatial keys in InnoDB": "rich.spot",
    "the type `uuid`": "old.a",
    "partitions in MyISAM": "old",
    "the engine `Aria`": "marias",
    "system versioning": "marias",
  });
});

const COMPUTED = "CREATE TABLE `t` (`id` int, `twice` int GENERATED ALWAYS AS (`id` * 2) VIRTUAL, `label` int);";
const inserts: [insert: string, place: string | undefined][] = [
  ["INSERT INTO `t` VALUES (1,2,3);", "t.twice"],
  ["INSERT INTO `t` (`id`, `twice`, `label`) VALUES (1,2,3);", "t.twice"],
  ["REPLACE INTO `shop`.`t` (`id`, `label`) VALUES (1,3);", undefined],
  ["INSERT INTO `other` VALUES (1,2,3);", undefined],
];
for (const [insert, place] of inserts) {
  test(`values for generated columns, which MySQL refuses: ${insert}`, async () => {
    const { outcome } = await rewrite(dumpOf(COMPUTED, "LOCK TABLES `t` WRITE;", insert));
    assert.equal(outcome.checkpoint.features["values for generated columns"], place);
    const { outcome: left } = await rewrite(dumpOf(COMPUTED, insert), { withoutRowsOf: () => true });
    assert.equal(left.checkpoint.features["values for generated columns"], undefined, "rows that are left out");
    const later = await rewrite(dumpOf(COMPUTED, "CREATE TABLE `u` (`id` int);", "INSERT INTO `u` VALUES (1);"));
    assert.equal(later.outcome.checkpoint.features["values for generated columns"], undefined, "another table's");
  });
}

const ROWS_MODE = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;";

/** Those that a server cannot make are no case of its dumps. */
const TABLES = {
  plain: "(a INT, b INT DEFAULT 7, at DATETIME DEFAULT CURRENT_TIMESTAMP) PARTITION BY HASH (a) PARTITIONS 2",
  generated: "(a INT, b INT AS (a + 1) VIRTUAL, c INT AS (a + 1) PERSISTENT)",
  stored: "(a INT, b INT AS (a + 1) STORED)",
  invisible: "(a INT, b INT INVISIBLE)",
  over: "(a INT, KEY k ((a + 1)))",
  ignored: "(a INT, KEY k (a) IGNORED)",
  unseen: "(a INT, KEY k (a) INVISIBLE)",
  spatial: "(p POINT NOT NULL, SPATIAL KEY s (p))",
  called: "(a VARCHAR(40) DEFAULT (CONCAT('x', LOWER('Y'))), b INT DEFAULT (1 + 2))",
  versioned: "(a INT) WITH SYSTEM VERSIONING",
  partitioned: "(a INT) ENGINE=MyISAM PARTITION BY HASH (a) PARTITIONS 2",
  aria: "(a INT) ENGINE=Aria",
  fixed: "(a INT) ROW_FORMAT=FIXED",
  documents: "(a JSON)",
  vectors: "(a VECTOR(3) NOT NULL)",
  uuids: "(a UUID)",
  six: "(a INET6)",
  four: "(a INET4)",
} as const;

for (const source of servers()) {
  test(`what ${source.name} makes of tables loads on every server, or is refused before`, async (t) => {
    const connection = await connect(t, source, await createDatabase(t, source, "source"));
    await connection.query("ALTER DATABASE COLLATE utf8mb4_general_ci"); // which all have
    const dumps = new Map<string, Buffer>();
    for (const [name, body] of Object.entries(TABLES)) {
      const made = await connection.query(`CREATE TABLE ${name} ${body}`).catch(() => undefined);
      if (!made) continue;
      const [shown] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE ${name}`);
      const table = `${String(shown[0]?.["Create Table"])};`;
      dumps.set(name, dumpWithoutUse(table));
      // As mariadb-dump writes rows, and as mysqldump does.
      if (name !== "stored") continue;
      dumps.set("computed", dumpWithoutUse(ROWS_MODE, table, "INSERT INTO `stored` VALUES (1,2);"));
      dumps.set("named", dumpWithoutUse(ROWS_MODE, table, "INSERT INTO `stored` (`a`) VALUES (1);"));
    }
    assert.ok(dumps.size >= 3, `${dumps.size} tables`);
    for (const target of servers()) {
      for (const [name, dump] of dumps) {
        const database = await createDatabase(t, target, "target");
        const { bytes, outcome } = await rewrite(dump, { to: database, laterKeysFromBytes: 1 });
        const refusal = await refusalOf(target, outcome.checkpoint);
        const failure = await loadWithClient(target, bytes).then(
          () => undefined,
          (error: Error) => error.message,
        );
        assert.equal(
          refusal !== undefined,
          failure !== undefined,
          `${name}: ${source.name} → ${target.name}: ${refusal} / ${failure}`,
        );
      }
    }
  });
}

async function refusalOf(server: TestServer, needs: Parameters<typeof checkDump>[1]): Promise<string | undefined> {
  const session = await openReadSession("replica", connectionOptions(server));
  try {
    await checkDump(session, needs);
    return undefined;
  } catch (error) {
    if (!isFatal(error)) throw error;
    assert.equal(error.code, "SCHEMA_DOES_NOT_FIT");
    assert.match(
      error.message,
      /^The replica server \(M\w+ [\d.]+\) cannot hold what the dump has: it lacks .* \(first in `/,
    );
    return error.message;
  } finally {
    await session.close();
  }
}
