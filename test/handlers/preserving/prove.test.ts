// The proof fails on anything that is not as planned, whichever row it is in, and tells where without telling a value.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFatal } from "../../../contracts/errors.ts";
import { servers } from "../../support/servers.ts";
import { pairs, DEMO, openShop } from "./shop.ts";
import { openWorld, type World } from "./world.ts";

interface Tampering {
  readonly what: string;
  readonly sql: readonly string[];
  readonly undo: readonly string[];
  readonly says: RegExp;
}

const tampering: readonly Tampering[] = [
  {
    what: "a preserved row is gone from a table without a key",
    sql: ["DELETE FROM log WHERE company_id = 9 AND what = 'same'"],
    undo: ["INSERT INTO log VALUES (9, 'same')"],
    says: /`log` should have grown by 4 rows and has grown by 3/,
  },
  {
    what: "a preserved row is there twice",
    sql: ["INSERT INTO refunds SELECT 77, order_id, line, reason FROM refunds WHERE id = 5"],
    undo: ["DELETE FROM refunds WHERE id = 77"],
    says: /`refunds` should have grown by 2 rows and has grown by 3/,
  },
  {
    what: "a preserved row is gone and another there twice",
    sql: [
      "INSERT INTO refunds SELECT 77, order_id, line, reason FROM refunds WHERE id <> 1 AND id <> 5",
      "DELETE FROM refunds WHERE id = 5",
    ],
    undo: ["DELETE FROM refunds WHERE id = 77", "INSERT INTO refunds VALUES (5, 0, 1, NULL)"],
    says: /`refunds` should have grown by 1 rows and has grown by 2/,
  },
  {
    what: "a row of production's is gone, and a preserved one twice, in a table without a key",
    sql: ["DELETE FROM log WHERE company_id IS NULL", "INSERT INTO log VALUES (9, 'same')"],
    undo: [
      "DELETE FROM log WHERE what = 'same' AND company_id = 9 LIMIT 1",
      "INSERT INTO log VALUES (NULL, 'started')",
    ],
    says: /the 6 rows of `log`, which has no primary key, are not production's and the preserved ones/,
  },
  {
    what: "a row of production's is gone",
    sql: ["DELETE FROM invoices WHERE order_id = 1"],
    undo: ["INSERT INTO invoices VALUES (1, 'pdf')"],
    says: /`invoices` should have grown by 2 rows and has grown by 1/,
  },
  {
    what: "production's text differs in case alone, which its collation overlooks",
    sql: ["UPDATE users SET changed_at = changed_at, email = 'Ann@masked' WHERE id = 1"],
    undo: ["UPDATE users SET changed_at = changed_at, email = 'ann@masked' WHERE id = 1"],
    says: /production's 3 rows of `users` are not as they were/,
  },
  {
    what: "an empty text stands where production has NULL",
    sql: ["UPDATE users SET changed_at = changed_at, nick = '' WHERE id = 2"],
    undo: ["UPDATE users SET changed_at = changed_at, nick = NULL WHERE id = 2"],
    says: /production's 3 rows of `users`/,
  },
  {
    what: "two rows of production's have each other's values",
    sql: ["UPDATE projects SET name = IF(id = 1, 'cure', 'rocket') WHERE id IN (1, 2)"],
    undo: ["UPDATE projects SET name = IF(id = 1, 'rocket', 'cure') WHERE id IN (1, 2)"],
    says: /production's 2 rows of `projects`/,
  },
  {
    what: "a row of production's refers to a preserved one",
    sql: ["UPDATE projects SET company_id = 9 WHERE id = 2"],
    undo: ["UPDATE projects SET company_id = 2 WHERE id = 2"],
    says: /production's 2 rows of `projects`/,
  },
  {
    what: "production's value moved from one column to the next",
    sql: ["UPDATE order_items SET line = 3 WHERE order_id = 1 AND line = 2"],
    undo: ["UPDATE order_items SET line = 2 WHERE order_id = 1 AND line = 3"],
    says: /production's 2 rows of `order_items`/,
  },
  {
    what: "two columns of a row of production's have each other's values",
    sql: ["UPDATE refunds SET line = 1, order_id = 2 WHERE id = 1"],
    undo: ["UPDATE refunds SET line = 2, order_id = 1 WHERE id = 1"],
    says: /production's 1 rows of `refunds`/,
  },
  {
    what: "a preserved value is another",
    sql: ["UPDATE orders SET total = total + 0.0001 WHERE id = 2"],
    undo: ["UPDATE orders SET total = total - 0.0001 WHERE id = 2"],
    says: /of 2 rows of `orders`, 1 stand in the copy as planned/,
  },
  {
    what: "a preserved text differs in case alone",
    sql: ["UPDATE users SET changed_at = changed_at, email = LOWER(email) WHERE email = 'Boss@demo'"],
    undo: ["UPDATE users SET changed_at = changed_at, email = 'Boss@demo' WHERE email = 'Boss@demo'"],
    says: /of 3 rows of `users`, 2 stand in the copy as planned/,
  },
  {
    what: "a preserved row refers to a row of production's",
    sql: ["UPDATE refunds SET order_id = 1 WHERE id = 5"],
    undo: ["UPDATE refunds SET order_id = 0 WHERE id = 5"],
    says: /of 2 rows of `refunds`, 1 stand in the copy as planned/,
  },
  {
    what: "a parent that was not carried is gone",
    sql: ["DELETE FROM products WHERE id = 2"],
    undo: ["INSERT INTO products VALUES (2, 'screw', 0.20)"],
    says: /1 references by `order_items.product_id` lead to no row or to a wrong one/,
  },
];

for (const server of servers()) {
  test(`the proof finds whatever is not as planned, on ${server.name}`, async (t) => {
    const world = await openShop(t, { staging: server, copy: server });
    const plan = await world.plan(DEMO);
    await world.carry(plan);
    for (const { what, sql, undo, says } of tampering) {
      await t.test(what, async () => {
        for (const statement of sql) await world.copy.query(statement);
        try {
          await assertNotProven(world, plan, says);
        } finally {
          for (const statement of undo) await world.copy.query(statement);
        }
      });
    }
    await world.prove(plan);
  });

  test(`a change in a column of any type is found, on ${server.name}`, async (t) => {
    const types = typesOf(server.version);
    const columns = types.map(([type], i) => `c${i} ${type} NULL`).join(", ");
    const rows = (first: number, values: readonly string[]) =>
      `INSERT INTO every VALUES (${first}, ${values.join(", ")}), (${first + 1}, ${values.map(() => "NULL").join(", ")});\n`;
    const table = `CREATE TABLE every (id INT PRIMARY KEY, ${columns}) CHARACTER SET utf8mb4;\n`;
    const script = table + rows(1, types.map(([, value]) => value)); // prettier-ignore
    const world = await openWorld(t, { staging: server, copy: server }, { staging: script, copy: script });
    const plan = await world.plan([{ table: "every", where: "id IN (1, 2)" }]);
    await world.copy.query("UPDATE every SET id = id + 10");
    await world.carry(plan);
    await world.prove(plan);
    for (const [i, [type, value, other]] of types.entries()) {
      for (const [id, was, becomes] of [
        [1, value, other],
        [2, "NULL", other],
        [11, value, other],
        [12, "NULL", value],
      ] as const) {
        await world.copy.query(`UPDATE every SET c${i} = ${becomes} WHERE id = ${id}`);
        await assertNotProven(world, plan, /`every`/, `${type} of row ${id}`);
        await world.copy.query(`UPDATE every SET c${i} = ${was} WHERE id = ${id}`);
      }
    }
    await world.prove(plan);

    // A row that the server makes no digest of is not passed over.
    const tables = plan.tables.map((each) => ({
      ...each,
      columns: each.columns.map((column) => ({ ...column, nullable: false })),
    }));
    await world.copy.query(`DROP DATABASE ${world.workDatabase}`);
    await assert.rejects(world.carry({ ...plan, tables }), {
      code: "PRESERVE_PROOF_FAILED",
      message: /some rows of .*`every`.* have no checksum/,
    });
  });
}

/** A type, a value, and the nearest other one. */
function typesOf(version: string): (readonly [type: string, value: string, other: string])[] {
  return [
    ["TINYINT", "-1", "0"],
    ["MEDIUMINT UNSIGNED", "0", "1"],
    ["INT", "-2147483648", "-2147483647"],
    ["INT UNSIGNED", "4294967295", "4294967294"],
    ["FLOAT", "0.123456789", "0.1234568"],
    ["DOUBLE", "0.12345678901234567", "0.12345678901234569"],
    ["DECIMAL(30,10)", "12345678901234567890.0123456789", "12345678901234567890.0123456788"],
    ["BIGINT UNSIGNED", "18446744073709551615", "18446744073709551614"],
    ["BIT(10)", "b'1000000001'", "b'1000000000'"],
    ["TIME(3)", "'-12:34:56.789'", "'12:34:56.789'"],
    ["TIMESTAMP", "'2021-03-28 02:30:00'", "'2021-03-28 02:30:01'"],
    ["TIMESTAMP(6)", "'2021-03-28 02:30:00.123456'", "'2021-03-28 02:30:00.123457'"],
    ["DATE", "'2020-02-31'", "'0000-00-00'"],
    ["VARBINARY(20)", "X'00FF27'", "X'00FF2700'"],
    ["BINARY(4)", "X'00FF2700'", "X'00FF2720'"],
    ["BLOB", "''", "X'00'"],
    ["VARCHAR(20) CHARACTER SET latin1", "'größe'", "'grösse'"],
    ["VARCHAR(20)", "'a'", "'a '"],
    ["VARCHAR(20) COLLATE utf8mb4_unicode_ci", "'a,'", "',a'"],
    ["CHAR(20) COLLATE utf8mb4_bin", "'a'", "'A'"],
    ["TEXT", "'e'", "'é'"],
    ["ENUM('a','A','b''c') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "'a'", "'A'"],
    ["SET('x','y')", "'x,y'", "'x'"],
    ["POINT", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(1 2.0000000000000004)')"],
    ...(version.startsWith("5.6") ? [] : ([["JSON", `'{"a": 1}'`, `'{"a": 1.0}'`]] as const)),
  ];
}

async function assertNotProven(
  world: World,
  plan: Parameters<World["prove"]>[0],
  says: RegExp,
  what?: string,
): Promise<void> {
  await assert.rejects(
    world.prove(plan),
    (error) => {
      assert.ok(isFatal(error) && error.code === "PRESERVE_PROOF_FAILED", `${what ?? ""} ${String(error)}`);
      assert.match(error.message, says, what);
      assert.doesNotMatch(error.message, /demo|masked'|rocket|screw|same/);
      return true;
    },
    what,
  );
}

test("the proof fails before the work is finished", async (t) => {
  const [pair] = pairs();
  assert.ok(pair);
  const world = await openShop(t, pair);
  const plan = await world.plan(DEMO);
  await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED" });
  await world.carry(plan, { signal: AbortSignal.abort() });
  await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED" });
});
