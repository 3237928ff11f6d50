// Log lines as Cloud Logging wants them: https://cloud.google.com/logging/docs/structured-logging
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { FatalError } from "../../../contracts/errors.ts";
import { openCloudLog } from "../../../deploy/gcp/log.ts";
import { inTrace } from "../../../deploy/gcp/trace.ts";
import type { Logger } from "../../../contracts/stage.ts";

/** What `write` logs, line by line. */
function logged(write: (log: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(openCloudLog({ project: "shop-tools", pipeline: "shop" }, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a line has the documented fields: severity, message, time, labels, trace and span, beside the stage's own", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const [line] = inTrace(`00-${traceId}-b7ad6b7169203331-01`, () =>
    logged((log) => {
      log.child({ run: "r1", stage: "mask", attempt: 2 }).info({ rows: 7 }, "Stage done.");
    }),
  );
  const { time, "logging.googleapis.com/spanId": spanId, ...rest } = line ?? {};
  assert.ok(typeof time === "string" && new Date(time).toISOString() === time);
  assert.match(String(spanId), /^[0-9a-f]{16}$/);
  assert.deepEqual(rest, {
    severity: "INFO",
    message: "Stage done.",
    run: "r1",
    stage: "mask",
    attempt: 2,
    rows: 7,
    "logging.googleapis.com/labels": { pipeline: "shop" },
    "logging.googleapis.com/trace": `projects/shop-tools/traces/${traceId}`,
    "logging.googleapis.com/trace_sampled": true,
  });
});

test("severities are Cloud Logging's", () => {
  const lines = logged((log) => {
    log.info({}, "a");
    log.warn({}, "b");
    log.error({}, "c");
  });
  assert.deepEqual(
    lines.map(({ severity }) => severity),
    ["INFO", "WARNING", "ERROR"],
  );
});

test("outside a delivery there is no trace", () => {
  const [line] = logged((log) => log.info({}, "Started."));
  assert.ok(line);
  assert.deepEqual(
    Object.keys(line).filter((key) => key.startsWith("logging.googleapis.com/")),
    ["logging.googleapis.com/labels"],
  );
});

test("an error is told by its code and a sentence, never by what MySQL quotes or by its stack", () => {
  const fromMySql = Object.assign(new Error("Duplicate entry 'ann@example.com' for key 'email'"), {
    ...{ code: "ER_DUP_ENTRY", errno: 1062, sqlState: "23000", sql: "INSERT … 'ann@example.com'" },
  });
  const lines = logged((log) => {
    log.error({ error: fromMySql }, "Failed.");
    log.error({ err: new FatalError("UNLISTED_COLUMN", "No transform for `users.phone`.") }, "Failed.");
  });
  assert.doesNotMatch(JSON.stringify(lines), /ann@example|stack/);
  assert.match(JSON.stringify(lines[0]?.["error"]), /"code":"ER_DUP_ENTRY"/);
  assert.deepEqual(lines[1]?.["err"], { code: "UNLISTED_COLUMN", message: "No transform for `users.phone`." });
});

test("a line is on standard output when the call returns: a crash right after it keeps it", async () => {
  const script = `
    import { openCloudLog } from "./deploy/gcp/log.ts";
    openCloudLog({ project: "p", pipeline: "shop" }).info({}, "The last words.");
    process.kill(process.pid, "SIGKILL");`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  assert.equal((JSON.parse(stdout) as { message: string }).message, "The last words.");
});
