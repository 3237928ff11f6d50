// Reads a dump statement by statement: rows pass through, statements are rewritten, what stands between them stays.
import type { Feature } from "../mysql/features.ts";
import type { RewriteCheckpoint } from "./checkpoint.ts";
import { collationsIn, databaseCollation } from "./collations.ts";
import { Cursor, type Place, type Steps } from "./cursor.ts";
import { latin1Name } from "./databases.ts";
import { cutOff, foreignDatabase, incomplete, notADump, statementTooLong, unsupported } from "./faults.ts";
import { featuresIn, generatedIn, generatedValue } from "./features.ts";
import { type InsertHead, readInsertHead } from "./insert-head.ts";
import { LaterKeys } from "./later-keys.ts";
import { Output } from "./output.ts";
import { StatementScanner } from "./scanner.ts";
import { DumpSession } from "./session.ts";
import { createdTable, readStatement, type Statement } from "./statement.ts";
import { rewriteStatement, type StatementOptions } from "./statements.ts";
import { nameOf } from "./tokens.ts";

export interface RewriteOptions extends StatementOptions {
  /** Tables whose rows are left out; their CREATE TABLE stays. */
  readonly withoutRowsOf: (table: string) => boolean;
  /** Tables with as many bytes of rows get their keys after them; see later-keys.ts. */
  readonly laterKeysFromBytes?: number;
  /** Or they do not get them: a database in which a table with all keys is made in their place; see waiting-keys.ts. */
  readonly keysBeside?: string;
}

/** mysqldump and mariadb-dump begin with a line such as `-- MySQL dump 10.13  Distrib 8.0.40, for Linux (x86_64)`. */
const HEADER = /^-- (?:MySQL|MariaDB) dump \d/m;
const HEADER_BYTES = 1024;
const COMPLETION = "-- dump completed";
/** `/*!999999\- enable the sandbox mode`, or `/*M!…`: a command to MariaDB's client that breaks MySQL's. */
const SANDBOX = ["/*!999999\\-", "/*m!999999\\-"];
/** Enough to know what begins: the longest is the completion line. */
const LOOK_AHEAD_BYTES = 20;
const MIB = 1024 * 1024;
/** A statement is held in memory to be rewritten. A longer one is rows that have lost their INSERT, or a missing quote. */
const LONGEST_STATEMENT_BYTES = 16 * MIB;
/** Names are 64 characters, and 4,096 columns the most that a table has. */
const LONGEST_INSERT_HEAD_BYTES = 2 * MIB;
/** Most heads are shorter; the rest is read when it is needed. */
const INSERT_HEAD_BYTES = 256;
const LONGEST_DELIMITER_LINE_BYTES = 100;
/** About 5,000 wide rows: with fewer, building keys at once saves nothing, and the ALTER TABLE costs its time. */
const LATER_KEYS_FROM_BYTES = 1 * MIB;
/** What the rows before it end with, however few they are. No row has it: dump tools write a line's end in a text as `\n`. */
const NEXT_TABLE = Buffer.from("\nCREATE TABLE ");

export class DumpRewriter {
  readonly cursor: Cursor;
  readonly output: Output;
  readonly #options: RewriteOptions;
  readonly #session: DumpSession;
  #scanner: StatementScanner;
  #tables: string[];
  #insertStatements: number;
  readonly #laterKeys: LaterKeys;
  readonly #collations: Map<string, string>;
  #databaseCollation: string | undefined;
  readonly #features: Map<string, string>;
  #generated: RewriteCheckpoint["generated"];
  #longest: RewriteCheckpoint["longest"];
  /** The completion line was the last thing that is not blank. */
  #completed = false;

  constructor(options: RewriteOptions, from: RewriteCheckpoint) {
    this.#options = options;
    this.cursor = new Cursor(from);
    this.output = new Output(from.bytesOut);
    this.#session = new DumpSession(from.session, options.to);
    this.#scanner = new StatementScanner(from.session.delimiter);
    this.#tables = [...from.tables];
    this.#insertStatements = from.insertStatements;
    this.#laterKeys = new LaterKeys(from.laterKeys, from.tables, options.keysBeside);
    this.#collations = new Map(Object.entries(from.collations));
    this.#databaseCollation = from.databaseCollation;
    this.#features = new Map(Object.entries(from.features));
    this.#generated = from.generated;
    this.#longest = from.longest;
  }

  /** For going on from here; it holds between statements alone. */
  get checkpoint(): RewriteCheckpoint {
    return {
      ...this.cursor.place,
      session: this.#session.state,
      tables: this.#tables,
      insertStatements: this.#insertStatements,
      laterKeys: this.#laterKeys.state,
      collations: Object.fromEntries(this.#collations),
      features: Object.fromEntries(this.#features),
      ...(this.#generated && { generated: this.#generated }),
      ...(this.#databaseCollation !== undefined && { databaseCollation: this.#databaseCollation }),
      longest: this.#longest,
      bytesOut: this.output.written,
    };
  }

  /**
   * Rewrites to the end, or to the end of the statement in which `mustStop` becomes true; yields when it needs input.
   *
   * @returns whether the end is reached.
   */
  *run(mustStop: () => boolean): Steps<boolean> {
    const { cursor } = this;
    if (cursor.place.offset === 0) yield* this.#checkHeader();
    while (yield* this.#passBetween()) {
      this.#completed = false;
      if (cursor.startsWith("delimiter ")) yield* this.#readDelimiter();
      else yield* this.#readStatement();
      if (mustStop()) return false;
    }
    if (!this.#completed) throw incomplete(cursor.place);
    this.#addKeys();
    this.#addForeignKeys();
    return true;
  }

  *#checkHeader(): Steps<void> {
    const { cursor } = this;
    yield* cursor.need(HEADER_BYTES);
    if (!HEADER.test(cursor.text(HEADER_BYTES))) throw notADump(HEADER_BYTES);
  }

  /** Passes blanks and comments on; false at the end of the dump. */
  *#passBetween(): Steps<boolean> {
    const { cursor } = this;
    for (;;) {
      yield* cursor.need(LOOK_AHEAD_BYTES);
      if (cursor.left === 0) return false;
      const byte = cursor.window[cursor.at]!;
      if (byte <= 0x20) {
        this.#passTo(cursor.at + 1);
      } else if (byte > 0x2f) {
        return true; // a letter: no need to look for comments
      } else if (cursor.startsWith("--") || cursor.startsWith("#")) {
        this.#completed = cursor.startsWith(COMPLETION);
        yield* this.#passComment("\n", true);
      } else if (SANDBOX.some((line) => cursor.startsWith(line))) {
        yield* this.#passComment("*/", false);
      } else if (cursor.startsWith("/*") && !cursor.startsWith("/*!") && !cursor.startsWith("/*m!")) {
        yield* this.#passComment("*/", true);
      } else {
        return true;
      }
    }
  }

  *#passComment(end: "\n" | "*/", keep: boolean): Steps<void> {
    const { cursor } = this;
    const begin = cursor.place;
    const pass = (to: number) => (keep ? this.#passTo(to) : cursor.moveTo(to));
    for (;;) {
      const found = cursor.window.indexOf(end, cursor.at, "latin1");
      pass(found === -1 ? Math.max(cursor.at, cursor.window.length - end.length + 1) : found + end.length);
      if (found === -1 && cursor.ended && end === "*/") throw cutOff(begin);
      if (found !== -1 || cursor.ended) return;
      yield;
    }
  }

  /** `DELIMITER ;;` is the client's: what ends statements from there on. */
  *#readDelimiter(): Steps<void> {
    const { cursor } = this;
    yield* cursor.need(LONGEST_DELIMITER_LINE_BYTES);
    const line = cursor.text(LONGEST_DELIMITER_LINE_BYTES).split("\n", 1)[0]!;
    const delimiter = /^\S+\s+([^\s'"`\\\w]{1,16})\s*$/.exec(line)?.[1];
    if (delimiter === undefined) throw unsupported("a DELIMITER that no dump tool sets", cursor.place);
    this.#addKeys();
    this.#session.delimit(delimiter);
    this.#scanner = new StatementScanner(delimiter);
    this.#passTo(cursor.at + line.length);
  }

  *#readStatement(): Steps<void> {
    const head = yield* this.#readInsertHead();
    if (head) yield* this.#passRows(head);
    else yield* this.#rewriteStatement();
  }

  *#readInsertHead(): Steps<InsertHead | undefined> {
    const { cursor } = this;
    for (let bytes = INSERT_HEAD_BYTES; bytes <= LONGEST_INSERT_HEAD_BYTES;) {
      const source = cursor.text(bytes);
      const head = readInsertHead(source, cursor.ended && cursor.left <= bytes);
      if (head === "other") return undefined;
      if (head === "unreadable") break;
      if (head !== "more") return head;
      if (cursor.left > bytes) bytes *= 2;
      else yield;
    }
    throw unsupported("an INSERT without VALUES", cursor.place);
  }

  /** From the head to the delimiter the bytes pass as they are, however many they are. */
  *#passRows(head: InsertHead): Steps<void> {
    const { cursor } = this;
    const begin = cursor.place;
    const table = readable(nameOf(head.table), begin);
    const keep = !this.#options.withoutRowsOf(table);
    const rows = cursor.at + head.end;
    this.#checkInsert(head, begin);
    this.#addKeys(table);
    if (keep) {
      this.output.write(this.#session.beforeObjects());
      this.#insertStatements++;
      const computed = generatedValue(head, this.#generated);
      if (computed !== undefined) this.#need("values for generated columns", `${table}.${computed}`);
      this.#keepHead(head);
    }
    cursor.moveTo(rows);
    this.#scanner.begin(this.#session.state.backslashEscapes);
    for (;;) {
      const to = this.#scanner.scan(cursor.window, cursor.at, cursor.ended);
      if (keep) this.#passTo(to);
      else cursor.moveTo(to);
      if (this.#isAtEnd(begin)) break;
      yield;
    }
    if (keep) this.#measure(begin);
  }

  /** Notes the length of the statement that began at `begin` and ends here. */
  #measure(begin: Place): void {
    const bytes = this.cursor.place.offset - begin.offset;
    if (bytes > this.#longest.bytes) this.#longest = { bytes, ...begin };
  }

  #checkInsert({ database }: InsertHead, place: Place): void {
    const name = database && nameOf(database);
    const { from } = this.#options;
    if (name !== undefined && name !== from) throw foreignDatabase(name, from, "INSERT", place);
  }

  #keepHead({ database, end }: InsertHead): void {
    const { window, at } = this.cursor;
    const { from, to } = this.#options;
    if (!database || from === to) return this.output.keep(window, at, at + end);
    this.output.keep(window, at, at + database.start);
    this.output.write(latin1Name(to));
    this.output.keep(window, at + database.end, at + end);
  }

  /** Holds the statement in memory and applies the rules of statements.ts. */
  *#rewriteStatement(): Steps<void> {
    const { cursor } = this;
    const begin = cursor.place;
    this.#scanner.begin(this.#session.state.backslashEscapes);
    let scanned = 0;
    for (;;) {
      scanned = this.#scanner.scan(cursor.window, cursor.at + scanned, cursor.ended) - cursor.at;
      if (scanned > LONGEST_STATEMENT_BYTES) throw statementTooLong(LONGEST_STATEMENT_BYTES, begin);
      if (this.#isAtEnd(begin)) break;
      yield;
    }
    const source = cursor.text(scanned - this.#session.state.delimiter.length);
    const statement = readStatement(source, begin, this.#session.state.backslashEscapes);
    const rewritten = rewriteStatement(statement, this.#options);
    this.#databaseCollation ??= databaseCollation(statement, this.#options);
    cursor.moveTo(cursor.at + scanned);
    if (!this.#laterKeys.isAboutRows(statement)) {
      this.#addKeys();
      if (this.#laterKeys.endsTables(statement)) this.#addForeignKeys();
    }
    if (rewritten === undefined) return;
    this.#measure(begin);
    this.output.write(this.#session.before(statement));
    for (const [name, place] of collationsIn(statement, this.#options)) {
      if (!this.#collations.has(name)) this.#collations.set(name, place);
    }
    for (const [feature, place] of featuresIn(statement)) this.#need(feature, place);
    const { delimiter } = this.#session.state;
    if (!createsTable(statement)) return this.output.write(rewritten + delimiter);
    const table = readable(createdTable(statement.tokens), begin);
    this.output.write((yield* this.#withoutLaterKeys(rewritten, table)).join(`${delimiter}\n`) + delimiter);
    this.#tables.push(table);
    this.#generated = generatedIn(statement);
  }

  #need(feature: Feature, place: string): void {
    if (!this.#features.has(feature)) this.#features.set(feature, place);
  }

  /** A CREATE TABLE as it goes on: without the keys that wait for its rows, where there are many. */
  *#withoutLaterKeys(source: string, table: string): Steps<string[]> {
    const { cursor } = this;
    const rows = this.#options.laterKeysFromBytes ?? LATER_KEYS_FROM_BYTES;
    yield* cursor.need(rows);
    const isLarge =
      cursor.left >= rows &&
      !cursor.window.subarray(cursor.at, cursor.at + rows).includes(NEXT_TABLE) &&
      !this.#options.withoutRowsOf(table);
    return this.#laterKeys.takeFrom(source, this.#session.state.backslashEscapes, isLarge);
  }

  /** Adds the keys that wait, unless they wait for more rows of `table`. */
  #addKeys(table?: string): void {
    const statement = this.#laterKeys.flush(table);
    if (statement !== undefined) this.#add(statement);
  }

  #addForeignKeys(): void {
    for (const statement of this.#laterKeys.flushForeign()) this.#add(statement);
  }

  #add(statement: string): void {
    this.output.write(`${statement}${this.#session.state.delimiter}\n`);
  }

  /** Whether the statement that began at `begin` has ended; throws when it cannot. */
  #isAtEnd(begin: Place): boolean {
    if (this.#scanner.ended) return true;
    if (this.#scanner.sawClientCommand) throw unsupported("a backslash outside of quotes in the statement", begin);
    if (this.cursor.ended) throw cutOff(begin);
    return false;
  }

  #passTo(to: number): void {
    this.output.keep(this.cursor.window, this.cursor.at, to);
    this.cursor.moveTo(to);
  }
}

/** A name in a dump of another character set than UTF-8 could be taken for none of the contract's. */
function readable(table: string, place: Place): string {
  if (table.includes("\ufffd")) throw unsupported("a table's name that is not UTF-8", place);
  return table;
}

/** In a versioned comment it is what mysqldump 5.6 writes for a view, until the view itself comes. */
function createsTable({ kind, tokens }: Statement): boolean {
  return kind === "CREATE TABLE" && !tokens[0]!.versioned;
}
