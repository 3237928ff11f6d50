// Several sessions that run the statements of one dump: in its order where that matters, side by side where it does not.
import { availableParallelism } from "node:os";
import { type Connection, createConnection } from "mysql2";
import { z } from "zod";
import { isMySqlError } from "../../../contracts/errors.ts";
import { latin1Name } from "../../../handlers/dump/databases.ts";
import { connectionError } from "../databases.ts";
import type { DumpStatement } from "./dump-statements.ts";
import type { Job } from "./job.ts";
import { killSessions } from "./kill-sessions.ts";
import { mustWait } from "./must-wait.ts";
import type { StatementEffect } from "./statement-effect.ts";
import { toolError } from "./tool-errors.ts";

/** One for each processor, and one for all that is small. With more, rows of one table only meet. */
const SESSIONS = Math.min(availableParallelism() + 1, 8);
/** Fewer rows are inserted sooner than another session has the settings. */
const WORTH_A_SESSION_BYTES = 64 * 1024;
/**
 * MySQL 8.0.27 and later sort a new key in as much memory, 1 MB unless told; for others it is a comment.
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-parameters.html#sysvar_innodb_ddl_buffer_size
 */
const SORT_MEMORY = "/*!80027 SET SESSION innodb_ddl_buffer_size = 67108864 */";
/** mysql2's number of the character set, as the protocol has it. */
const BINARY = 63;
/** ER_LOCK_DEADLOCK: the server has undone the statement, and asks for it again. */
const DEADLOCK = 1213;
/** ER_NET_PACKET_TOO_LARGE: told before it is sent, as the server may close the connection before it is heard. */
const PACKET_TOO_LARGE = 1153;

type Statement = Pick<DumpStatement, "source" | "line">;

interface Work {
  readonly effect: StatementEffect;
  /** Never rejects: its failure is the import's. */
  readonly ended: Promise<void>;
}

interface Session {
  readonly connection: Connection;
  /** Of the settings: how many it has. */
  applied: number;
}

export class ImportSessions {
  readonly #job: Job;
  readonly #opened: Session[] = [];
  /** The first of those opened runs what is small, in the dump's order: 2,000 small tables keep to it. */
  readonly #free = new Set<Session>();
  /** What every session must have run before it runs what came after. */
  readonly #settings: Statement[];
  readonly #atWork = new Set<Work>();
  /** Tables that are made with this engine. */
  readonly #innoDb = new Set<string>();
  #longestPacket = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(job: Job) {
    this.#job = job;
    // As the client does: a dump that says nothing else is in UTF-8, and has no USE of its own.
    const first = ["SET NAMES utf8mb4", SORT_MEMORY, `USE ${latin1Name(job.database)}`];
    this.#settings = first.map((source) => ({ source, line: 1 }));
  }

  /** Opens the first session: whether the server can be reached, and has the database, is known before the dump is read. */
  async open(): Promise<void> {
    this.#longestPacket = Infinity;
    const session = this.#open();
    for (const setting of this.#behind(session)) await this.#ask(session, setting);
    const rows = await this.#ask(session, { source: "SELECT @@max_allowed_packet AS bytes", line: 1 });
    this.#longestPacket = z.array(z.object({ bytes: z.number() })).parse(rows)[0]!.bytes;
    this.#free.add(session);
  }

  /**
   * Hands a statement to a session, which runs it when those before it allow; resolves when one was free.
   *
   * @throws FatalError or RetryAfter of toolError for the first statement that failed.
   */
  async begin(statement: DumpStatement): Promise<void> {
    const { effect } = statement;
    if (effect.on === "nothing") return;
    if (effect.on === "session") return void this.#settings.push(statement);
    if (effect.on === "table") {
      if (effect.makesInnoDb) this.#innoDb.add(effect.table);
      if (effect.switchesKeys && this.#innoDb.has(effect.table)) return;
    }
    const session = await this.#take(isWorthASession(statement));
    const before = [...this.#atWork].filter((work) => mustWait(effect, work.effect)).map(({ ended }) => ended);
    const work = { effect, ended: this.#run(session, [...this.#behind(session), statement], before) };
    this.#atWork.add(work);
    void work.ended.finally(() => {
      this.#atWork.delete(work);
      this.#wake();
    });
  }

  /** Resolves when all that was begun has been done, and the sessions have ended. Throws as `begin` does. */
  async end(): Promise<void> {
    await this.#until(() => this.#atWork.size === 0);
    await Promise.all(this.#opened.map(({ connection }) => connection.promise().end()));
  }

  /** Lets `begin` and `end` throw: the first failure is the import's. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** Ends the sessions with what they are doing. */
  async kill(): Promise<void> {
    await killSessions(
      this.#job.server,
      this.#opened.map(({ connection }) => connection),
    );
  }

  /** One caller at a time waits. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!this.#failure && !isSo()) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure;
  }

  async #take(another: boolean): Promise<Session> {
    const main = this.#opened[0]!;
    const others = () => [...this.#free].filter((session) => session !== main);
    await this.#until(() => (another ? others().length > 0 || this.#opened.length < SESSIONS : this.#free.has(main)));
    const session = another ? (others()[0] ?? this.#open()) : main;
    this.#free.delete(session);
    return session;
  }

  #open(): Session {
    const { host, port, user, password } = this.#job.server;
    // With SESSION_TRACK mysql2 would take up the character set of a SET NAMES.
    const flags = ["-LOCAL_FILES", "-SESSION_TRACK"];
    const connection = createConnection({ host, port, user, password, charset: "utf8mb4_general_ci", flags });
    // What is sent from here on are bytes, a character for each: in `binary` mysql2 writes them as they are.
    connection.once("connect", () => Object.assign(connection.config, { charsetNumber: BINARY }));
    connection.on("error", (error) => this.fail(this.#meaning(error, 1))); // it broke between two statements
    const session = { connection, applied: 0 };
    this.#opened.push(session);
    return session;
  }

  /** The settings that a session lacks; it is going to have them. */
  #behind(session: Session): Statement[] {
    const behind = this.#settings.slice(session.applied);
    session.applied = this.#settings.length;
    return behind;
  }

  async #run(session: Session, statements: readonly Statement[], before: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(before);
      for (const statement of statements) if (!this.#failure) await this.#ask(session, statement);
      this.#free.add(session);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** @returns the statement's rows, where it has any. */
  async #ask(session: Session, statement: Statement): Promise<unknown> {
    const { source, line } = statement;
    if (source.length + 1 >= this.#longestPacket)
      throw toolError(this.#job, { ok: false, errno: PACKET_TOO_LARGE, line });
    try {
      return await new Promise((resolve, reject) => {
        // `null`: mysql2 would look for placeholders.
        session.connection.query({ sql: source, values: null }, (error, rows) =>
          error ? reject(error) : resolve(rows),
        );
      });
    } catch (error) {
      if (isMySqlError(error) && error.errno === DEADLOCK) return this.#ask(session, statement);
      throw this.#meaning(error as Error, line);
    }
  }

  #meaning(error: Error, line: number): Error {
    if (isMySqlError(error)) return toolError(this.#job, { ok: false, errno: error.errno, line });
    return connectionError(this.#job.role, this.#job.server, error);
  }
}

function isWorthASession({ source, effect }: DumpStatement): boolean {
  if (effect.on === "rows") return source.length >= WORTH_A_SESSION_BYTES;
  return effect.on === "table" && effect.keys.length > 0;
}
