// A dump tool that writes into a file by itself.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { test } from "node:test";
import { dumpInto } from "../../../../deploy/local/sql-admin/dump.ts";
import type { Job } from "../../../../deploy/local/sql-admin/job.ts";
import { findTools } from "../../../../deploy/local/sql-admin/tools.ts";
import { createDatabase, mainServer } from "../../../support/servers.ts";

const skip = existsSync("/dev/full") ? false : "there is no /dev/full here";

test("a dump tool that finds no room for its dump is told by the system's code", { skip }, async (t) => {
  const { host, port, user, password } = mainServer();
  const database = await createDatabase(t, mainServer());
  const [tool] = await findTools("dump", "mariadb");
  assert.ok(tool);
  const job: Job = {
    ...({ operation: "o", type: "export", role: "production" } as const),
    ...{ statePath: "", dumps: "", object: "a.sql", database },
    server: { host, port, user, password },
  };
  await using full = await open("/dev/full", "w");
  await assert.rejects(dumpInto(full, job, tool, "none", new AbortController().signal), { code: "ENOSPC" });
});
