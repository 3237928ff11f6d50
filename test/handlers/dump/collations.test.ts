// Collations that become others where the contract says so, and what of them a server lacks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCollations } from "../../../handlers/mysql/collations.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { connectionOptions, servers } from "../../support/servers.ts";
import { dumpOf, rewrite, rewriteStatements } from "./rewriting.ts";

const collations = { utf8mb4_0900_ai_ci: "utf8mb4_unicode_520_ci" };

const mapped: [what: string, statement: string, expected: string][] = [
  [
    "of tables, columns and expressions; not of a text that says so",
    "CREATE TABLE `t` (`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_AI_ci COMMENT 'COLLATE utf8mb4_0900_ai_ci', `utf8mb4_0900_ai_ci` int, `c` int AS (`a` = (_utf8mb4'x' collate `utf8mb4_0900_ai_ci`))) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;",
    "CREATE TABLE `t` (`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci COMMENT 'COLLATE utf8mb4_0900_ai_ci', `utf8mb4_0900_ai_ci` int, `c` int AS (`a` = (_utf8mb4'x' collate utf8mb4_unicode_520_ci))) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;",
  ],
  [
    "of views and of what they are read in",
    "/*!50001 SET collation_connection      = utf8mb4_0900_ai_ci */;/*!50001 CREATE VIEW v AS select ('a' collate utf8mb4_0900_ai_ci) AS `a` */;",
    "/*!50001 SET collation_connection      = utf8mb4_unicode_520_ci */;/*!50001 CREATE VIEW v AS select ('a' collate utf8mb4_unicode_520_ci) AS `a` */;",
  ],
  [
    "of routines and of the database",
    "CREATE FUNCTION f(a TEXT CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci) RETURNS INT RETURN a = 'b';ALTER DATABASE `shop` CHARACTER SET utf8mb4 COLLATE = 'utf8mb4_0900_ai_ci';",
    "CREATE FUNCTION f(a TEXT CHARSET utf8mb4 COLLATE utf8mb4_unicode_520_ci) RETURNS INT RETURN a = 'b';ALTER DATABASE `shop_next` CHARACTER SET utf8mb4 COLLATE = utf8mb4_unicode_520_ci;",
  ],
  [
    "which are not mapped stay",
    "CREATE TABLE t (a text COLLATE latin1_bin);",
    "CREATE TABLE t (a text COLLATE latin1_bin);",
  ],
];
for (const [what, statement, expected] of mapped) {
  test(`mapped collations ${what}`, async () => {
    assert.equal(await rewriteStatements(statement, { collations }), expected);
  });
}

const DUMP = dumpOf(
  "CREATE TABLE `users` (\n  `id` int,\n  `name` text COLLATE utf8mb4_0900_ai_ci,\n  `code` text CHARACTER SET klingon,\n  KEY `k` (`id`)\n) DEFAULT CHARSET=latin1;",
  "CREATE TABLE `logs` (`name` text COLLATE utf8mb4_0900_ai_ci) COLLATE=utf8mb4_nowhere_as_cs;",
  "INSERT INTO `logs` VALUES ('COLLATE utf8mb4_elsewhere_ci');",
  "CREATE VIEW v AS select 'a' collate utf8mb4_ours_ci;",
);

test("a rewritten dump tells which collations and character sets it needs, and where each stands first", async () => {
  const { outcome } = await rewrite(DUMP);
  assert.deepEqual(outcome.checkpoint.collations, {
    utf8mb4_0900_ai_ci: "`users.name`",
    klingon: "`users.code`",
    latin1: "`users`",
    utf8mb4_nowhere_as_cs: "`logs`",
    utf8mb4_ours_ci: "a CREATE VIEW statement at line 16",
  });
  const others = (await rewrite(DUMP, { collations })).outcome.checkpoint.collations;
  assert.equal(others["utf8mb4_unicode_520_ci"], "`users.name`");
  assert.equal("utf8mb4_0900_ai_ci" in others, false);
});

const databases: [statement: string, collation: string | undefined][] = [
  [
    "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 COLLATE latin1_bin */;",
    "latin1_bin",
  ],
  ["CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 */;", "latin1"],
  ["CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;", "utf8mb4_general_ci"],
  [
    "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;",
    "utf8mb4_unicode_520_ci",
  ],
  ["CREATE TABLE `t` (`a` text) DEFAULT CHARSET=latin1;", undefined],
];
for (const [statement, collation] of databases) {
  test(`what the database gives to texts without a collation is told: ${collation ?? "nothing"}`, async () => {
    const { outcome } = await rewrite(dumpOf(statement), { collations });
    assert.equal(outcome.checkpoint.databaseCollation, collation);
    assert.deepEqual(outcome.checkpoint.collations, collation === undefined ? { latin1: "`t`" } : {}, "it is no need");
  });
}

for (const server of servers()) {
  test(`what ${server.name} lacks of a dump is told before anything is imported, with the line that maps it`, async () => {
    const session = await openReadSession("staging", connectionOptions(server));
    try {
      const known = { utf8mb4_unicode_520_ci: "", utf8_general_ci: "", latin1: "", utf8mb4: "", binary: "" };
      await checkCollations(session, known);
      const unknown = { utf8mb4_nowhere_ci: "`a.b`", latin1_bin: "`c`", utf8mb4_nowhere_as_cs: "`d.e`" };
      await assert.rejects(checkCollations(session, unknown), {
        code: "DUMP_COLLATION_UNKNOWN",
        message:
          /^The staging server lacks `utf8mb4_nowhere_ci` \(first in `a\.b`\), `utf8mb4_nowhere_as_cs` \(first in `d\.e`\), which.* `collations: \{ utf8mb4_nowhere_ci: utf8mb4_unicode_520_ci, utf8mb4_nowhere_as_cs: utf8mb4_bin \}`, then/,
      });
      await assert.rejects(checkCollations(session, { klingon: "`a.b`" }), {
        message: /^The staging server lacks `klingon` \(first in `a\.b`\), which the dump names\. [^:]*$/,
      });
    } finally {
      await session.close();
    }
  });
}
