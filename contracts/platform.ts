// What a stage needs from outside, as ports. A world (deploy/local, deploy/gcp) implements them with the real thing;
// test/platform/ states what each must promise.
import type { Event } from "../events/define-event.ts";
import type { RunId } from "../events/run-id.ts";
import type { ErrorSummary } from "./errors.ts";
import type { DeadLetter, Lock, Run } from "./run.ts";

/** An instance's part in the pipeline. */
export type Role = "production" | "replica" | "staging";

/** The roles that may be written. There is no way to ask for a writing session or an import on production. */
export type WritableRole = Exclude<Role, "production">;

export interface Platform {
  readonly bus: EventBus;
  readonly runs: RunStore;
  readonly objects: ObjectStore;
  readonly sql: SqlAdmin;
  readonly databases: Databases;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/** Publishing. Delivery is the world's: it hands messages to `deliver` in handlers/stage.ts. */
export interface EventBus {
  /** Resolves when the broker has the event for good: it is then delivered at least once to every subscription. */
  publish(event: Event): Promise<void>;
}

/** What `decide` wants done: a document that is left out stays as it is. */
export interface Decision<Result> {
  readonly run?: Run;
  readonly lock?: Lock | "free";
  readonly result: Result;
}

/** A decision about a run alone. */
export type RunDecision<Result> = Omit<Decision<Result>, "lock">;

/**
 * Runs, locks and dead letters. The rules of claims and leases are pure functions in handlers/state/; a store
 * promises only that what `decide` saw is what its decision replaces.
 */
export interface RunStore {
  get(runId: RunId): Promise<Run | undefined>;
  /** A pipeline's runs, the newest first. */
  list(pipeline: string, limit: number): Promise<Run[]>;
  /** One read and one conditional write. `decide` is pure and may be called again when another writer was faster. */
  update<Result>(runId: RunId, decide: (run: Run | undefined) => RunDecision<Result>): Promise<Result>;
  /** The same for a run and its pipeline's lock together. */
  updateWithLock<Result>(
    pipeline: string,
    runId: RunId,
    decide: (run: Run | undefined, lock: Lock | undefined) => Decision<Result>,
  ): Promise<Result>;
  getLock(pipeline: string): Promise<Lock | undefined>;
  /** Keeps a dead letter; the same id again changes nothing. */
  recordDeadLetter(letter: DeadLetter): Promise<void>;
  /** The newest first. */
  listDeadLetters(pipeline: string, limit: number): Promise<DeadLetter[]>;
}

export interface StoredObject {
  /** Within the pipeline's bucket and prefix, for example `runs/<run>/production.sql.gz`. */
  readonly name: string;
  /** Decimal digits; another with every write. */
  readonly generation: string;
  readonly bytes: number;
}

/** The bucket. Names are those of events: relative to the contract's `dumps`. */
export interface ObjectStore {
  /** Its bytes are on this machine: a run's dumps are not worth compressing. */
  readonly isNear: boolean;
  /** The name of a notified object in this store, or undefined when it is in another bucket or prefix. */
  locate(notification: { readonly bucket: string; readonly name: string }): string | undefined;
  stat(name: string): Promise<StoredObject | undefined>;
  /** Its bytes, of that generation alone. Throws FatalError `OBJECT_GONE` when it or the generation is not there. */
  read(name: string, generation?: string): AsyncIterable<Uint8Array>;
  /** Stores all of `source` or nothing; bytes are seen under the name only when complete. Publishes a notification. */
  write(name: string, source: AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Concatenates objects into one, as Cloud Storage's compose does. */
  compose(name: string, parts: readonly string[]): Promise<StoredObject>;
  /** Does nothing where there is no such object. */
  remove(name: string): Promise<void>;
  list(prefix: string): Promise<StoredObject[]>;
}

/** A long job on an instance. `key` names the attempt: starting the same key again adopts the operation. */
export type OperationRequest =
  | {
      readonly type: "export";
      readonly key: string;
      readonly role: "production" | "replica";
      readonly database: string;
      readonly object: string;
    }
  | {
      readonly type: "import";
      readonly key: string;
      readonly role: WritableRole;
      readonly database: string;
      readonly object: string;
    }
  | { readonly type: "backup"; readonly key: string; readonly role: "staging"; readonly database: string }
  /** Puts a backup back, in the place of what is there. On Cloud SQL that is the whole instance. */
  | {
      readonly type: "restore";
      readonly key: string;
      readonly role: "staging";
      readonly database: string;
      /** As the backup's operation gave it. */
      readonly backup: string;
    };

/** `retryable` when another attempt may succeed without anybody's doing: a server that went away, a lost process. */
export type OperationError = ErrorSummary & { readonly retryable: boolean };

/** As Cloud SQL has them: a failure is DONE with an error. */
export type Operation =
  | { readonly name: string; readonly status: "PENDING" | "RUNNING" }
  | {
      readonly name: string;
      readonly status: "DONE";
      readonly error?: OperationError;
      /** A backup's id. */ readonly backup?: string;
      /** Of the object that an export wrote, where the world knows it: another one under its name is not believed. */
      readonly generation?: string;
    };

export interface SqlAdmin {
  /** How long to wait between two looks at an operation: from the first to the longest, growing. */
  readonly poll: { readonly firstMs: number; readonly longestMs: number };
  /** The operation that was started with this request's key, if one was: looked for before anything is made ready. */
  find(request: OperationRequest): Promise<string | undefined>;
  /**
   * Starts an operation, or adopts the one that was started with the same key, whether it still runs or has ended.
   * Returns its name, to be stored before it is followed. Throws RetryAfter `OPERATION_IN_PROGRESS` while the instance
   * is busy with another.
   */
  start(request: OperationRequest): Promise<string>;
  get(name: string): Promise<Operation>;
  /** Stops an operation and resolves when it has ended. Does nothing where it already has. */
  cancel(name: string): Promise<void>;
}

/** What a column may hold, as sessions return it: numbers beyond 2^53, decimals, dates and JSON as strings. */
export type SqlValue = string | number | Buffer | null;
export type SqlRow = Record<string, SqlValue>;

/** A session that the server itself keeps from writing. */
export interface ReadSession {
  readonly role: Role;
  /** Identity of the server behind it; two sessions on one server have the same however they were reached. */
  readonly server: string;
  query<Row = SqlRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Rows one by one, with backpressure; the session can do nothing else meanwhile. */
  stream<Row = SqlRow>(sql: string, values?: readonly unknown[]): AsyncIterable<Row>;
  /** The same, as many at a time as have come: to wait for each of many rows takes longer than to read it. */
  pages<Row = SqlRow>(sql: string, values?: readonly unknown[]): AsyncIterable<Row[]>;
  /** Sets the user variable `@name`; the value goes as a bound parameter, never in a statement's text. */
  setVariable(name: string, value: string | Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface WriteSession extends ReadSession {
  readonly role: WritableRole;
  /** Runs a statement that returns no rows. */
  run(sql: string, values?: readonly unknown[]): Promise<{ readonly affectedRows: number }>;
}

export interface Databases {
  /** Whose sessions there are. Production's are not among them where the platform itself exports it. */
  readonly readable: readonly Role[];
  /**
   * Which server stands behind a role: two roles with one answer are one server. Asked anew every time.
   *
   * @throws FatalError for an instance that must not have the role (a replica with a public address)
   */
  identify(role: Role): Promise<string>;
  /** A session in a read-only transaction mode. The only kind that production gives, if any: see `readable`. */
  read(role: Role): Promise<ReadSession>;
  /** A session that writes. It has no default database: statements name theirs. */
  write(role: WritableRole): Promise<WriteSession>;
  /**
   * Bytes that are free, at most, where the session's server keeps its data. Undefined where nobody can tell (SQL does not): a
   * server on another machine; on Cloud SQL a disk that grows.
   */
  room(session: ReadSession): Promise<number | undefined>;
}

export interface Secrets {
  /** What a reference such as `env:NAME` or `secret://PROJECT/NAME` stands for. Throws FatalError `SECRET_MISSING`. */
  read(reference: string): Promise<string>;
}

export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
