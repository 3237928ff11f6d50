// The sample's contract against the sample's schema.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowDataPacket } from "mysql2/promise";
import { parseSyncContract } from "../../../../contracts/parse-sync-contract.ts";
import { sampleContract } from "../../../../deploy/local/sample/contract.ts";
import { createSchema, schemaFlavour } from "../../../../deploy/local/sample/schema.ts";
import { connect, createDatabase, servers } from "../../../support/servers.ts";

const instance = (port: number, database = "shop") => ({ host: "127.0.0.1", port, user: "understudy", database });
const options = {
  production: instance(3401),
  replica: instance(3402),
  staging: instance(3403, "shop_staging"),
  dumps: "/home/ann, with {odd}: folders/dumps",
};

test("the sample's contract parses and says where the servers are", async () => {
  const contract = parseSyncContract(await sampleContract(options), "sync.yaml");
  assert.deepEqual(contract.staging, { ...options.staging, password: "env:STAGING_PASSWORD" });
  assert.equal(contract.dumps, options.dumps);
  assert.deepEqual(contract.preserve, [{ table: "companies", where: "is_demo = 1" }]);
  assert.deepEqual(contract.masking.tables["password_resets"], { kind: "truncate" });
});

for (const server of servers()) {
  test(`the sample's contract names every column that can be masked, and no other, on ${server.name}`, async (t) => {
    const database = await createDatabase(t, server, "shop");
    const session = await connect(t, server, database);
    await createSchema(session, schemaFlavour(server.version));
    const [columns] = await session.query<RowDataPacket[]>(
      `SELECT table_name AS tableName, column_name AS name FROM information_schema.columns JOIN information_schema.tables
       USING (table_schema, table_name) WHERE table_schema = ? AND table_type = 'BASE TABLE' AND extra NOT LIKE '% GENERATED'`,
      [database],
    );
    const { tables } = parseSyncContract(await sampleContract(options), "sync.yaml").masking;
    const inSchema = Map.groupBy(columns, ({ tableName }) => String(tableName));
    assert.deepEqual(Object.keys(tables).toSorted(), [...inSchema.keys()].toSorted());
    for (const [table, rule] of Object.entries(tables)) {
      if (rule.kind !== "columns") continue;
      const names = inSchema.get(table)?.map(({ name }) => String(name)) ?? [];
      assert.deepEqual(Object.keys(rule.columns).toSorted(), names.toSorted(), table);
    }
  });
}
