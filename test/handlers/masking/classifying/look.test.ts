// Looking at values: how much is read, what is left out, and that nothing of it comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadSession } from "../../../../contracts/platform.ts";
import { lookAtValues } from "../../../../handlers/masking/classifying/index.ts";
import { foreignKey, schemaOf, table } from "./support.ts";

/** A server that answers every query alike, and notes it. */
function serverWith(answer: () => Record<string, string | null>[]): { session: ReadSession; statements: string[] } {
  const statements: string[] = [];
  const query = async (sql: string) => {
    statements.push(sql);
    return answer();
  };
  return { session: { query } as unknown as ReadSession, statements };
}

const LOGINS = table(
  "logins",
  { id: "bigint!", user_id: "bigint", mail: "varchar(99)", data: "json", seen: "datetime", n: "int", tel: "bigint" },
  { foreignKeys: [foreignKey("logins", "user_id", "users")] },
);

test("at most 400 rows of a table are read, long values cut, and only columns whose values tell something", async () => {
  const { session, statements } = serverWith(() => [{ v0: "1", v1: "ann@corp.com", v2: "7" }]);
  const looked = await lookAtValues(session, schemaOf(LOGINS, table("counts", { n: "int", at: "date" })));
  const column = (name: string) => `LEFT(CAST(\`${name}\` AS CHAR), 1000)`;
  const values = `SELECT ${column("id")} AS v0, ${column("mail")} AS v1, ${column("tel")} AS v2 FROM \`shop\`.\`logins\``;
  assert.deepEqual(statements, [
    `(${values} ORDER BY \`id\` ASC LIMIT 200) UNION ALL (${values} ORDER BY \`id\` DESC LIMIT 200)`,
  ]);
  assert.equal(looked.rows, 1);
  const evidence = LOGINS.columns.map((own) => looked.evidence(LOGINS, own));
  assert.deepEqual(
    evidence.map((own) => own.values),
    [1, 0, 1, 0, 0, 0, 1],
  );
  assert.ok(!JSON.stringify(evidence).includes("corp"), "a value came back");
});

test("a table that may not be read is told by name and code, and by nothing of the server's sentence", async () => {
  const { session } = serverWith(() => {
    throw Object.assign(new Error("SELECT command denied for 'ann'"), {
      errno: 1142,
      sqlState: "42000",
      code: "ER_TABLEACCESS_DENIED_ERROR",
      sqlMessage: "SELECT command denied",
    });
  });
  const { unread, rows } = await lookAtValues(session, schemaOf(LOGINS));
  assert.deepEqual([unread, rows], [[{ table: "logins", code: "ER_TABLEACCESS_DENIED_ERROR" }], 0]);
});

test("of a table without a primary key some rows are read", async () => {
  const { session, statements } = serverWith(() => []);
  await lookAtValues(session, schemaOf(table("notes", { body: "text" })));
  assert.match(
    statements[0] ?? "",
    /^SELECT LEFT\(CAST\(`body` AS CHAR\), 1000\) AS v0 FROM `shop`\.`notes` LIMIT 200$/,
  );
});
