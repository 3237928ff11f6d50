// Tables that only staging has and that stay where they are while all others are swapped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitKeptTables, followSwap, refuseLeading, stays } from "../../../handlers/swapping/index.ts";
import { servers } from "../../support/servers.ts";
import { openStaging } from "./staging.ts";

const PARENTS = "CREATE TABLE parents (id INT PRIMARY KEY) ENGINE=InnoDB";
const NOTES = `CREATE TABLE local_notes (id INT PRIMARY KEY, parent_id INT NULL, own_id INT NULL,
  CONSTRAINT \`to parents\` FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE,
  CONSTRAINT to_own FOREIGN KEY (own_id) REFERENCES local_own (id)) ENGINE=InnoDB`;
const OWN = "CREATE TABLE local_own (id INT PRIMARY KEY) ENGINE=InnoDB";
const isKept = stays(["local_*"]);

for (const server of servers()) {
  test(`tables that stay keep their rows, and their foreign keys lead to the new data, on ${server.name}`, async (t) => {
    const staging = await openStaging(t, server, {
      live: [
        ...[PARENTS, OWN, NOTES, "INSERT INTO parents VALUES (1), (2)", "INSERT INTO local_own VALUES (9)"],
        "INSERT INTO local_notes VALUES (1, 1, 9), (2, NULL, NULL)",
      ],
      next: [PARENTS, "INSERT INTO parents VALUES (1), (3)"],
    });
    const { session, live, next } = staging;
    const references = await fitKeptTables(session, { live, next }, isKept);
    assert.deepEqual(
      references.map(({ table, name }) => [table, name]),
      [["local_notes", "to parents"]],
    );
    await staging.swap(["local_*"]);
    // Twice, as after a crash in between.
    for (const _ of [1, 2]) await followSwap(session, live, references);
    assert.equal((await staging.rows(`SELECT * FROM \`${live}\`.local_notes`)).length, 2);
    await staging.connection.query(`INSERT INTO \`${live}\`.local_notes VALUES (3, 3, NULL)`);
    await assert.rejects(staging.connection.query(`INSERT INTO \`${live}\`.local_notes VALUES (4, 2, NULL)`), {
      errno: 1452,
    });
    await staging.connection.query(`DELETE FROM \`${live}\`.parents WHERE id = 1`);
    const left = await staging.rows(`SELECT id FROM \`${live}\`.local_notes ORDER BY id`);
    assert.deepEqual(
      left.map((row) => ({ ...(row as object) })),
      [{ id: 2 }, { id: 3 }],
      "ON DELETE CASCADE came along",
    );
  });

  test(`what a table that stays would lose is refused before the swap, on ${server.name}`, async (t) => {
    const staging = await openStaging(t, server, {
      live: [PARENTS, OWN, NOTES, "INSERT INTO parents VALUES (1), (2)", "INSERT INTO local_notes VALUES (1, 2, NULL)"],
      next: [PARENTS, "INSERT INTO parents VALUES (1)"],
    });
    const { session, live, next, connection } = staging;
    await assert.rejects(fitKeptTables(session, { live, next }, isKept), {
      code: "KEEP_TABLE_ORPHANS",
      message: /`local_notes`, which stays, 1 rows would refer to nothing .* `to parents` → `parents`/,
    });
    await assert.rejects(refuseLeading(session, live, isKept), { code: "KEEP_TABLE_DOES_NOT_FIT" });
    await connection.query(`DELETE FROM \`${live}\`.local_notes`);
    await connection.query(`ALTER TABLE \`${next}\`.parents MODIFY id BIGINT`);
    await assert.rejects(fitKeptTables(session, { live, next }, isKept), { code: "KEEP_TABLE_DOES_NOT_FIT" });
    await connection.query(`DROP TABLE \`${next}\`.parents`);
    await assert.rejects(fitKeptTables(session, { live, next }, isKept), {
      code: "KEEP_TABLE_ORPHANS",
      message: /every row/,
    });
    await connection.query(`CREATE TABLE \`${next}\`.local_own (id INT PRIMARY KEY)`);
    await assert.rejects(fitKeptTables(session, { live, next }, isKept), {
      code: "KEEP_TABLE_CLASH",
      message: /`local_own`/,
    });
    assert.deepEqual(await staging.rows(`SHOW TABLES FROM \`${next}\` LIKE '%trial%'`), [], "nothing is left behind");
  });
}
