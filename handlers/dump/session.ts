// What a dump's statements set for those behind them, and what has to be set where they do not.
import * as z from "zod";
import { ANY_PARENT } from "../mysql/parent-keys.ts";
import { latin1Name } from "./databases.ts";
import { zoneUnknown } from "./faults.ts";
import type { Statement } from "./statement.ts";
import { readTable } from "./table-elements.ts";
import { nameOf } from "./tokens.ts";

/** What is known between two statements; part of the checkpoint. */
export const SessionState = z.strictObject({
  /** What ends a statement there. */
  delimiter: z.string(),
  /** False while the session has sql_mode NO_BACKSLASH_ESCAPES. */
  backslashEscapes: z.boolean(),
  /** A SET NAMES is written: by the dump, or for one that was made with `--skip-set-charset`. */
  charactersNamed: z.boolean(),
  /** A USE is written: by the dump, or for one that was made without `--databases`. */
  databaseChosen: z.boolean(),
  /** The dump has said in which time zone its TIMESTAMP values are. */
  zoneNamed: z.boolean(),
});
export type SessionState = z.infer<typeof SessionState>;

export const NEW_SESSION: SessionState = {
  delimiter: ";",
  backslashEscapes: true,
  charactersNamed: false,
  databaseChosen: false,
  zoneNamed: false,
};

/** sql_mode is assigned, not read as in `@@sql_mode`. */
const SQL_MODE_ASSIGNED = /(?<![@\w.])(?:@@(?:session\.)?)?sql_mode\s*:?=/i;
/** Before a table or a view, and behind it put back: what is in force there is what the rows are read in. */
const CHARACTER_SET_SAVED = /@saved_cs_client\s*=\s*@@character_set_client/i;
const CHECKS_OFF = /(?<![@\w])foreign_key_checks\s*=\s*0/i;
const ZONE_ASSIGNED = /(?<![@\w.])(?:@@(?:session\.)?)?time_zone\s*:?=/i;
const TIMESTAMP_COLUMN = /^(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|\S+)\s+timestamp\b/i;
/** What the dump tools of MySQL 8 and later, and MariaDB's, ask servers for. Those before asked for a part of it. */
const CHARACTER_SET = "utf8mb4";

export class DumpSession {
  #state: SessionState;
  readonly #database: string;

  /** @param database the one that the dump is loaded into */
  constructor(from: SessionState, database: string) {
    this.#state = from;
    this.#database = database;
  }

  get state(): SessionState {
    return this.#state;
  }

  delimit(delimiter: string): void {
    this.#state = { ...this.#state, delimiter };
  }

  /**
   * Notes what a statement sets.
   *
   * @returns the statements that have to be run before it; often none, an empty text
   * @throws FatalError `DUMP_TIME_ZONE_UNKNOWN`
   */
  before(statement: Statement): string {
    const { kind, source, tokens } = statement;
    if (kind === "CREATE TABLE") this.#checkZone(statement);
    if (kind === "USE") this.#state = { ...this.#state, databaseChosen: true };
    else if (kind === "SET") return this.#beforeSetting(source, tokens[1]?.keyword);
    else if (kind !== "" && !/ (?:DATABASE|SCHEMA)$/.test(kind)) return this.beforeObjects();
    return "";
  }

  /** What has to be run before the first statement that is about a table, a view or the like; then nothing more. */
  beforeObjects(): string {
    const names = this.#nameCharacters();
    const { databaseChosen, delimiter } = this.#state;
    this.#state = { ...this.#state, databaseChosen: true };
    return databaseChosen ? names : `${names}USE ${latin1Name(this.#database)}${delimiter}\n`;
  }

  #beforeSetting(source: string, variable: string | undefined): string {
    if (ZONE_ASSIGNED.test(source)) this.#state = { ...this.#state, zoneNamed: true };
    if (variable === "NAMES") this.#state = { ...this.#state, charactersNamed: true };
    if (SQL_MODE_ASSIGNED.test(source)) {
      this.#state = { ...this.#state, backslashEscapes: !/NO_BACKSLASH_ESCAPES/i.test(source) };
    }
    if (CHECKS_OFF.test(source)) return `/*!80400 SET SESSION ${ANY_PARENT} */${this.#state.delimiter}\n`;
    return CHARACTER_SET_SAVED.test(source) ? this.#nameCharacters() : "";
  }

  /** Without a zone the server that loads them would read them in its own. */
  #checkZone({ source, tokens, place }: Statement): void {
    if (this.#state.zoneNamed) return;
    const definition = readTable(source, tokens);
    const moments = definition?.elements.find(
      ({ kind, start, end }) => kind === "column" && TIMESTAMP_COLUMN.test(source.slice(start, end)),
    );
    if (definition && moments) throw zoneUnknown([nameOf(definition.table), ...moments.columns], place);
  }

  #nameCharacters(): string {
    const { charactersNamed, delimiter } = this.#state;
    this.#state = { ...this.#state, charactersNamed: true };
    return charactersNamed ? "" : `SET NAMES ${CHARACTER_SET}${delimiter}\n`;
  }
}
