// What would end an import in the middle is told before it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDump } from "../../handlers/check-dump.ts";
import { openReadSession } from "../../handlers/mysql/session.ts";
import { afterTest } from "../support/cleanup.ts";
import { connectionOptions, servers, startTestServer } from "../support/servers.ts";
import { dumpOf, rewrite } from "./dump/rewriting.ts";

const NO_NEEDS = { collations: {}, features: {}, longest: { bytes: 1, offset: 0, line: 1 }, tables: [] };

test("a rewritten dump tells its longest statement, and where it begins; rows that are left out do not count", async () => {
  const long = `INSERT INTO \`t\` VALUES ('${"x".repeat(5000)}');`;
  const dump = dumpOf("CREATE TABLE `t` (`a` int);", long, long.replace("`t`", "`left_out`").replace("x", "xx"));
  const { outcome } = await rewrite(dump, { withoutRowsOf: (table) => table === "left_out" });
  const offset = dump.indexOf(long);
  const line = dump.subarray(0, offset).toString().split("\n").length;
  assert.deepEqual(outcome.checkpoint.longest, { bytes: long.length, offset, line });
});

for (const server of servers()) {
  test(`a statement that is longer than ${server.name} takes is refused before the import`, async () => {
    const session = await openReadSession("replica", connectionOptions(server));
    try {
      await checkDump(session, { ...NO_NEEDS, longest: { bytes: 1_000_000, offset: 5, line: 2 } });
      await assert.rejects(checkDump(session, { ...NO_NEEDS, longest: { bytes: 2 ** 31, offset: 77, line: 8 } }), {
        code: "PACKET_TOO_LARGE",
        message: /^The replica server takes statements of less than \d+ bytes, and the one at line 8 \(byte 77\)/,
      });
      await assert.rejects(
        checkDump(session, { ...NO_NEEDS, collations: { x_y: "`t`" }, longest: { bytes: 1, offset: 0, line: 1 } }),
        {
          code: "DUMP_COLLATION_UNKNOWN",
        },
      );
    } finally {
      await session.close();
    }
  });
}

test("a dump whose tables have capitals is refused by a server that writes names in lower case", async (t) => {
  const folding = await startTestServer(t, { flags: ["--lower-case-table-names=1"] });
  const session = await openReadSession("replica", connectionOptions(folding.test));
  afterTest(t, () => session.close());
  await checkDump(session, { ...NO_NEEDS, tables: ["users"] });
  await assert.rejects(checkDump(session, { ...NO_NEEDS, tables: ["users", "Orders"] }), {
    code: "SCHEMA_DOES_NOT_FIT",
    message: /`lower_case_table_names`.*: `Orders`\. Make the replica server anew/,
  });
});
