// What must be true after a sync, whatever happened in it.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DATABASES, type Query } from "./sample-servers.ts";

/** Staging has production's companies and its three demo ones, and nobody's real address. */
export async function assertSynced({ query }: { readonly query: Query }): Promise<void> {
  const [production] = await query("production", `SELECT COUNT(*) AS companies FROM ${DATABASES.production}.companies`);
  const [staging] = await query(
    "staging",
    `SELECT COUNT(*) AS companies, SUM(is_demo) AS demo FROM ${DATABASES.staging}.companies`,
  );
  assert.equal(staging?.["companies"], Number(production?.["companies"]) + 3);
  assert.equal(Number(staging?.["demo"]), 3);
  const emails = await query("production", `SELECT email FROM ${DATABASES.production}.users`);
  assert.ok(emails.length >= 40);
  const [leaked] = await query("staging", `SELECT COUNT(*) AS n FROM ${DATABASES.staging}.users WHERE email IN (?)`, [
    emails.map((row) => row["email"]),
  ]);
  assert.equal(leaked?.["n"], 0);
}

/** The replica is empty, and no dump of a run is left. */
export async function assertNothingLeft(pipeline: {
  readonly query: Query;
  readonly directory: string;
}): Promise<void> {
  await assertReplicaIsEmpty(pipeline);
  assert.ok(!(await readdir(join(pipeline.directory, "dumps"))).includes("runs"));
}

/** Neither the copy nor what stood beside it is left. */
export async function assertReplicaIsEmpty({ query }: { readonly query: Query }): Promise<void> {
  const databases = await query(
    "replica",
    "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name IN (?, '_understudy')",
    [DATABASES.replica],
  );
  assert.deepEqual(databases, []);
}
