// Looked at before the first row changes: that the plan covers the live copy, and that the server keeps the key to itself.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";
import { maskedColumns } from "./plan.ts";

/**
 * @throws FatalError `MASK_PLAN_INCOMPLETE` for a table or column that the plan does not know (tables with system
 * versioning among them: their history would keep the originals), `MASK_TRIGGERS`.
 */
export async function checkReplica(session: WriteSession, job: MaskingJob): Promise<void> {
  await checkCoverage(session, job);
  await checkTriggers(session, job);
}

/** Fail closed: whatever holds rows is in the plan, as it is now. */
async function checkCoverage(session: WriteSession, { plan, database }: MaskingJob): Promise<void> {
  const planned = new Set(
    plan.tables.flatMap(({ table, columns }) => columns.map(({ column }) => `${table}\0${column}`)),
  );
  const live = await session.query<{ tableName: string; columnName: string; type: string }>(
    `SELECT c.table_name AS tableName, c.column_name AS columnName, t.table_type AS type
     FROM information_schema.columns c
     JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
     WHERE c.table_schema = ${textLiteral(database)} AND t.table_type NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE')`,
  );
  const isVersioned = live.find(({ type }) => type === "SYSTEM VERSIONED");
  if (isVersioned) {
    throw new FatalError(
      "MASK_PLAN_INCOMPLETE",
      `\`${isVersioned.tableName}\` has system versioning, whose history would keep what masking replaces. Drop the versioning, or the table, on production's side of the dump.`,
    );
  }
  const missing = live.find(({ tableName, columnName }) => !planned.has(`${tableName}\0${columnName}`));
  if (missing || live.length !== planned.size) {
    const what = missing
      ? `has \`${missing.tableName}.${missing.columnName}\`, which the plan lacks`
      : "lacks columns of the plan";
    throw new FatalError(
      "MASK_PLAN_INCOMPLETE",
      `The copy \`${database}\` ${what}. Replay the run, so that it is planned from the copy as it is.`,
    );
  }
}

/** A dump from Cloud SQL carries none. One that fired here could copy originals elsewhere. */
async function checkTriggers(session: WriteSession, { plan, database }: MaskingJob): Promise<void> {
  const changed = new Set(
    plan.tables.filter((table) => table.rows || maskedColumns(table).length > 0).map(({ table }) => table),
  );
  const triggers = await session.query<{ name: string; tableName: string }>(
    `SELECT trigger_name AS name, event_object_table AS tableName FROM information_schema.triggers
     WHERE event_object_schema = ${textLiteral(database)}`,
  );
  const firing = triggers.filter(({ tableName }) => changed.has(tableName));
  if (firing.length === 0) return;
  const names = firing.map(({ name, tableName }) => `\`${name}\` on \`${tableName}\``).join(", ");
  throw new FatalError(
    "MASK_TRIGGERS",
    `Triggers on the replica would fire while masking: ${names}. Drop them on the replica, then replay the run.`,
  );
}

/**
 * Asked before the first row is loaded, and in every session before it is told the key: what a log has once got stays there.
 *
 * Statement-based binary logs write the user variables that a statement reads, and so the key; MIXED turns to rows at
 * READ COMMITTED. The general log of MySQL 8 writes bound values.
 * https://dev.mysql.com/doc/refman/8.4/en/binary-log-setting.html
 *
 * @throws FatalError `MASK_KEY_LOGGED`
 */
export async function checkLogs(session: ReadSession): Promise<void> {
  const rows = await session.query<{ Variable_name: string; Value: string }>(
    "SHOW VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'general_log')",
  );
  const setting = new Map(rows.map((row) => [row.Variable_name, row.Value.toUpperCase()]));
  const isStatement = setting.get("log_bin") === "ON" && setting.get("binlog_format") === "STATEMENT";
  const log = isStatement
    ? "binlog_format = STATEMENT"
    : setting.get("general_log") === "ON"
      ? "general_log = ON"
      : undefined;
  if (log === undefined) return;
  throw new FatalError(
    "MASK_KEY_LOGGED",
    `The replica's server runs with \`${log}\`, which would write the masking key to its log. ${isStatement ? "Set `binlog_format` to ROW" : "Switch `general_log` off"} on the replica, then replay the run.`,
  );
}
