// The state file: one SQLite database that every process of a pipeline on this machine shares.
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FatalError } from "../../contracts/errors.ts";

/** Writers of other processes hold the file for milliseconds; one that waits longer has met a process that hangs. */
const BUSY_TIMEOUT_MS = 30_000;

/** Each entry takes the file from the version of its index to the next. Entries are added, never changed. */
const MIGRATIONS = [
  `
  CREATE TABLE runs (run_id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, document TEXT NOT NULL) STRICT;
  CREATE INDEX runs_by_pipeline ON runs (pipeline, run_id);
  CREATE TABLE locks (pipeline TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, failed_at TEXT NOT NULL, document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_by_pipeline ON dead_letters (pipeline, failed_at);

  CREATE TABLE subscriptions (name TEXT PRIMARY KEY, topic TEXT NOT NULL) STRICT;
  CREATE TABLE messages (
    id TEXT PRIMARY KEY, topic TEXT NOT NULL, attributes TEXT NOT NULL, data BLOB NOT NULL, published_at INTEGER NOT NULL
  ) STRICT;
  -- While a delivery is leased, visible_at is the lease's end.
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, subscription TEXT NOT NULL, message_id TEXT NOT NULL,
    attempt INTEGER NOT NULL, visible_at INTEGER NOT NULL, lease TEXT UNIQUE, owner TEXT
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (subscription, visible_at, id);
  CREATE INDEX deliveries_by_message ON deliveries (message_id);

  -- file says which file had this generation: its inode, size and modification time.
  CREATE TABLE objects (name TEXT PRIMARY KEY, generation INTEGER NOT NULL, file TEXT NOT NULL) STRICT;
  CREATE TABLE last_generation (generation INTEGER NOT NULL) STRICT;
  INSERT INTO last_generation VALUES (0);

  CREATE TABLE operations (
    name TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, type TEXT NOT NULL,
    status TEXT NOT NULL, starter TEXT NOT NULL, runner TEXT, result TEXT, created_at TEXT NOT NULL, ended_at TEXT
  ) STRICT;
  CREATE INDEX operations_unfinished ON operations (instance) WHERE status <> 'DONE';
  `,
];

export interface State {
  readonly path: string;
  readonly database: DatabaseSync;
  /** Runs `work` alone among all writers of all processes, and keeps all or nothing of what it wrote. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * Opens the state file, and makes it when there is none.
 *
 * WAL with synchronous=FULL: what was committed is there after SIGKILL and after a power cut (https://sqlite.org/wal.html).
 *
 * @throws FatalError STATE_FROM_THE_FUTURE when newer code has written the file.
 */
export function openState(path: string): State {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600)); // SQLite gives its side files the permissions of this one
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    transaction(database, () => migrate(database, path));
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    path,
    database,
    transaction: (work) => transaction(database, work),
    close: () => database.close(),
  };
}

function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > MIGRATIONS.length) {
    throw new FatalError(
      "STATE_FROM_THE_FUTURE",
      `The state file \`${path}\` has version ${version}; this code knows version ${MIGRATIONS.length}. Run the newer code that wrote it, or move the file away to start without its runs.`,
    );
  }
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}
