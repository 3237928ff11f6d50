// Texts in staging's routines are compared as those in its new tables, where both name no collation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { knowsCollation } from "../../../handlers/mysql/collations.ts";
import {
  defaultCollation,
  recreateDatabase,
  resolveCollation,
  setDefaultCollation,
} from "../../../handlers/mysql/recreate-database.ts";
import {
  bringRoutines,
  createViews,
  ownToRemake,
  readObjects,
  readRoutines,
} from "../../../handlers/swapping/index.ts";
import type { RowDataPacket } from "mysql2";
import { afterTest } from "../../support/cleanup.ts";
import { servers } from "../../support/servers.ts";
import { openStaging } from "./staging.ts";

const [OLD, NEW] = ["utf8mb4_general_ci", "utf8mb4_unicode_520_ci"];
const TABLE = (collation: string) => [
  `CREATE TABLE words (word VARCHAR(20)) CHARACTER SET utf8mb4 COLLATE ${collation}`,
  "INSERT INTO words VALUES ('ja')",
];
/** Each compares a text that names no collation with a column, or returns one. */
const ROUTINES = [
  "CREATE FUNCTION counted(wanted CHAR(9)) RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM words WHERE word = wanted)",
  `CREATE FUNCTION sought(n INT) RETURNS VARCHAR(20) READS SQL DATA BEGIN DECLARE wanted TEXT DEFAULT 'JA';
   RETURN (SELECT word FROM words WHERE word = wanted); END`,
  "CREATE FUNCTION plain(n INT) RETURNS INT DETERMINISTIC RETURN n",
  `CREATE FUNCTION spelled(p CHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin) RETURNS ENUM('a', 'b') CHARACTER SET utf8mb4
   COLLATE utf8mb4_bin DETERMINISTIC RETURN p`,
  "CREATE EVENT cleaning ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DO DELETE FROM words WHERE word = CAST('x' AS CHAR)",
];
const CALLS = "SELECT counted('JA') AS counted, sought(1) AS answer FROM words WHERE word = sought(1)";

for (const server of servers()) {
  test(`staging's own routines follow the new data's default collation, on ${server.name}`, async (t) => {
    const { session, live, next, connection, rows } = await openStaging(t, server, { live: [], next: TABLE(NEW) });
    await setDefaultCollation(session, live, OLD);
    await connection.query(`USE \`${live}\``);
    for (const sql of [...TABLE(OLD), ...ROUTINES]) await connection.query(sql);
    const bodies = () =>
      rows(`SELECT routine_name AS name, routine_definition AS body FROM information_schema.routines
            WHERE routine_schema = '${live}' ORDER BY 1`);
    const before = await bodies();
    assert.deepEqual(await ownToRemake(session, live, OLD), [], "nothing to do where it stays");
    const remade = await ownToRemake(session, live, NEW);
    assert.deepEqual(
      remade.map(({ kind, name }) => `${kind} ${name}`),
      ["EVENT cleaning", "FUNCTION counted", "FUNCTION sought", "FUNCTION spelled"],
    );
    await connection.query(`RENAME TABLE words TO \`${next}\`.old, \`${next}\`.words TO words`);
    await assert.rejects(connection.query(CALLS), { errno: 1267 }, "as it was before they were made anew");
    await setDefaultCollation(session, live, NEW);
    await bringRoutines(session, remade, live);
    assert.deepEqual({ ...((await rows(CALLS))[0] as object) }, { counted: 1, answer: "ja" });
    assert.deepEqual(await bodies(), before);
    const [type] = await rows(
      `SELECT collation_name AS returned FROM information_schema.routines WHERE routine_schema = '${live}' AND routine_name = 'spelled'`,
    );
    assert.equal((type as { returned: string }).returned, "utf8mb4_bin", "what is spelled out stays");
    await connection.query("USE information_schema");
  });

  test(`production's routines compare as they do there, mapped as the contract says, on ${server.name}`, async (t) => {
    const { session, live, next, connection, rows } = await openStaging(t, server, { live: [], next: [] });
    await setDefaultCollation(session, next, OLD);
    await connection.query(`USE \`${next}\``);
    for (const sql of [...TABLE(OLD), ...ROUTINES]) await connection.query(sql);
    const routines = await readRoutines(session, { from: next, to: live, collations: { [OLD]: NEW } });
    await setDefaultCollation(session, live, "latin1_bin");
    await connection.query(`USE \`${live}\``);
    for (const sql of TABLE(NEW)) await connection.query(sql);
    await bringRoutines(session, routines, live);
    assert.deepEqual({ ...((await rows(CALLS))[0] as object) }, { counted: 1, answer: "ja" });
    assert.equal(await defaultCollation(session, live), "latin1_bin", "the database has its own again");
    await connection.query("USE information_schema");
  });

  if (server.flavour === "mariadb") {
    test(`who may call a routine may do so when it is made anew, on ${server.name}`, async (t) => {
      const { session, live, connection } = await openStaging(t, server, { live: [], next: [] });
      await setDefaultCollation(session, live, OLD);
      const caller = `caller${live.slice(-12)}`;
      for (const sql of [
        `USE \`${live}\``,
        "CREATE FUNCTION told(word TEXT) RETURNS INT DETERMINISTIC RETURN 1",
        `CREATE USER ${caller}@'%'`,
        `GRANT EXECUTE ON FUNCTION told TO ${caller}@'%'`,
      ])
        await connection.query(sql);
      afterTest(t, async () => void (await connection.query(`DROP USER ${caller}@'%'`)));
      const remade = await ownToRemake(session, live, NEW);
      await setDefaultCollation(session, live, NEW);
      await bringRoutines(session, remade, live);
      const [routine] = await readRoutines(session, { from: live, to: live });
      assert.equal(routine?.textCollation, NEW, "it was made anew");
      const [grants] = await connection.query<RowDataPacket[]>(`SHOW GRANTS FOR ${caller}@'%'`);
      assert.match(JSON.stringify(grants), /EXECUTE ON FUNCTION/);
      await connection.query("USE information_schema");
    });
  }

  test(`a view's literals are compared as where it was made, on ${server.name}`, async (t) => {
    const { session, live, next, connection, rows } = await openStaging(t, server, { live: [], next: [] });
    await connection.query(`SET NAMES utf8mb4 COLLATE utf8mb4_bin`);
    await connection.query(`CREATE VIEW \`${next}\`.told AS SELECT 'a' = 'A' AS same, 'x' AS literal`);
    const { views } = await readObjects(session, next);
    await session.run(`USE \`${live}\``);
    await createViews(session, views);
    assert.deepEqual(
      { ...((await rows(`SELECT *, COLLATION(literal) AS c FROM \`${live}\`.told`))[0] as object) },
      {
        ...{ same: 0, literal: "x", c: "utf8mb4_bin" },
      },
    );
    const [row] = await session.query("SELECT @@collation_connection AS c");
    assert.deepEqual({ ...row }, { c: "utf8mb4_general_ci" });
  });

  test(`literals that a view compares with what a function returns follow it, on ${server.name}`, async (t) => {
    const { session, live, next, connection, rows } = await openStaging(t, server, { live: [], next: [] });
    await connection.query(`SET NAMES utf8mb4 COLLATE ${OLD}`);
    for (const [database, collation] of [
      [live, OLD],
      [next, NEW],
    ] as const) {
      await setDefaultCollation(session, database, collation);
      await connection.query(`USE \`${database}\``);
      await connection.query("CREATE FUNCTION uno() RETURNS CHAR(3) DETERMINISTIC RETURN 'one'");
    }
    await connection.query(`USE \`${live}\``);
    await connection.query("CREATE VIEW told AS SELECT uno() <> 'none' AS told");
    await connection.query("USE information_schema");
    const { views } = await readObjects(session, live);
    await session.run(`USE \`${next}\``);
    await assert.rejects(createViews(session, views), { code: "OBJECT_DOES_NOT_FIT" });
    assert.deepEqual(
      (await createViews(session, views, NEW)).map(({ name, collation }) => [name, collation]),
      [["told", NEW]],
    );
    assert.deepEqual({ ...((await rows(`SELECT * FROM \`${next}\`.told`))[0] as object) }, { told: 1 });
  });

  test(`an event's times stay in its own time zone, on ${server.name}`, async (t) => {
    const { session, live, next, connection, rows } = await openStaging(t, server, { live: [], next: [] });
    await connection.query("SET time_zone = '+09:00'");
    await connection.query(
      `CREATE EVENT \`${next}\`.yearly ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 08:00:00' DO DO 1`,
    );
    await bringRoutines(session, await readRoutines(session, { from: next, to: live }), live);
    const told = await rows(
      `SELECT DISTINCT time_zone, starts, status FROM information_schema.events WHERE event_schema IN ('${live}', '${next}')`,
    );
    assert.equal(told.length, 1, JSON.stringify(told));
  });

  test(`a database is made with the collation that is wished, if the server has it, on ${server.name}`, async (t) => {
    const { session, live, next } = await openStaging(t, server, { live: [], next: [] });
    await setDefaultCollation(session, live, "utf8mb4_czech_ci");
    for (const [wished, made] of [
      ["utf8mb4_unicode_520_ci", "utf8mb4_unicode_520_ci"],
      ["latin1", "latin1_swedish_ci"],
      ["utf8_bin", (await resolveCollation(session, "utf8_bin")) ?? ""],
      ["utf8mb4_unheard_ci", "utf8mb4_czech_ci"],
      [undefined, "utf8mb4_czech_ci"],
    ] as const) {
      await recreateDatabase(session, next, live, wished);
      assert.equal(await defaultCollation(session, next), made, wished);
    }
    assert.match((await resolveCollation(session, "utf8_bin")) ?? "", /^utf8(?:mb3)?_bin$/);
    assert.equal(await knowsCollation(session, "utf8mb4_unheard_ci"), false);
  });
}
