// What of staging's objects no longer fits the next data: it stops the load before the swap, and is named.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitObjects, type Routine, type StagingObjects } from "../../../handlers/swapping/index.ts";
import { servers } from "../../support/servers.ts";
import { openStaging } from "./staging.ts";

const NONE: StagingObjects & { readonly routines: readonly Routine[] } = { triggers: [], views: [], routines: [] };

/** Of each kind one that does not fit, with what the message names. */
const misfits: [what: string, objects: Partial<typeof NONE>, named: RegExp][] = [
  [
    "a view under other views",
    {
      views: [
        { name: "a_top", sql: "CREATE OR REPLACE VIEW `a_top` AS select `m`.`id` AS `id` from `m_middle` `m`" },
        { name: "m_middle", sql: "CREATE OR REPLACE VIEW `m_middle` AS select `z_base`.`id` AS `id` from `z_base`" },
        { name: "z_base", sql: "CREATE OR REPLACE VIEW `z_base` AS select `users`.`gone` AS `id` from `users`" },
        { name: "whole", sql: "CREATE OR REPLACE VIEW `whole` AS select `users`.`id` AS `id` from `users`" },
      ],
    },
    /view `z_base` does not fit the new schema \(ER_BAD_FIELD_ERROR\)\. Staging is untouched/,
  ],
  [
    "a trigger",
    {
      triggers: [
        {
          name: "noting",
          table: "users",
          sql: "CREATE TRIGGER noting BEFORE INSERT ON users FOR EACH ROW SET NEW.gone = 1",
        },
      ],
    },
    /trigger `noting` does not fit the new schema \(ER_BAD_FIELD_ERROR\)/,
  ],
  [
    "a routine",
    { routines: [{ kind: "FUNCTION", name: "newer", sql: "CREATE FUNCTION newer() RETURNS INT RETURN 1 +" }] },
    /function `newer` is refused by staging \(ER_PARSE_ERROR\)/,
  ],
  [
    "an event",
    { routines: [{ kind: "EVENT", name: "nightly", sql: "CREATE EVENT nightly ON SCHEDULE EVERY 1 UNHEARD DO DO 1" }] },
    /event `nightly` is refused by staging \(ER_PARSE_ERROR\)/,
  ],
];

for (const server of servers()) {
  test(`what no longer fits is named and the live data not touched, on ${server.name}`, async (t) => {
    const users = ["CREATE TABLE users (id INT PRIMARY KEY, mail INT)"];
    const { session, live, next, rows } = await openStaging(t, server, { live: users, next: users });
    for (const [what, objects, message] of misfits) {
      const fitting = fitObjects(session, { ...NONE, ...objects }, { live, next });
      await assert.rejects(fitting, { code: "OBJECT_DOES_NOT_FIT", message }, what);
    }
    assert.deepEqual(
      (await rows(`SHOW FULL TABLES FROM \`${live}\``)).map((row) => Object.values(row as object)),
      [["users", "BASE TABLE"]],
    );
    await session.run("USE information_schema"); // a session in one of them would count as a leak
  });

  test(`an event is tried without being let run, on ${server.name}`, async (t) => {
    const { session, live, next, connection, rows } = await openStaging(t, server, { live: [], next: [] });
    await connection.query(`CREATE EVENT \`${live}\`.often ON SCHEDULE EVERY 1 HOUR DO DO 1`);
    const [shown] = await rows(`SHOW CREATE EVENT \`${live}\`.often`);
    const sql = (shown as Record<string, string>)["Create Event"]!.replace(/ DEFINER=\S+/, "");
    await fitObjects(session, { ...NONE, routines: [{ kind: "EVENT", name: "often", sql }] }, { live, next });
    const told = await rows(
      `SELECT event_schema AS d, status AS status FROM information_schema.events WHERE event_name = 'often' AND event_schema IN ('${live}', '${next}') ORDER BY 1`,
    );
    assert.deepEqual(
      told.map((row) => ({ ...(row as object) })),
      [
        { d: live, status: "ENABLED" },
        { d: next, status: "DISABLED" },
      ],
    );
    await session.run("USE information_schema");
  });
}
