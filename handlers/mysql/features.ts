// Parts of MySQL's language that not every server knows, with the versions that have them.
import type { ReadSession } from "../../contracts/platform.ts";

export interface Server {
  readonly flavour: "MariaDB" | "MySQL";
  /** `10.11.14` as [10, 11, 14]. */
  readonly version: readonly number[];
}

type Versions = { readonly [Flavour in Server["flavour"]]?: readonly number[] };

/** Since when each kind of server has it; one that is left out never had. */
const SINCE = {
  "generated columns": { MySQL: [5, 7, 6], MariaDB: [10, 2] },
  "values for generated columns": { MariaDB: [5, 2] },
  "invisible columns": { MySQL: [8, 0, 23], MariaDB: [10, 3] },
  "keys over expressions": { MySQL: [8, 0, 13] },
  "keys that are ignored": { MariaDB: [10, 6] },
  "spatial keys in InnoDB": { MySQL: [5, 7, 5], MariaDB: [10, 2, 2] },
  "expressions as defaults": { MySQL: [8, 0, 13], MariaDB: [10, 2] },
  "system versioning": { MariaDB: [10, 3] },
  "partitions in MyISAM": { MySQL: [5, 1], MariaDB: [5, 1] },
  "the engine `Aria`": { MariaDB: [5, 1] },
  "the type `json`": { MySQL: [5, 7, 8], MariaDB: [10, 2, 7] },
  "the type `vector`": { MySQL: [9], MariaDB: [11, 7] },
  "the type `uuid`": { MariaDB: [10, 7] },
  "the type `inet6`": { MariaDB: [10, 5] },
  "the type `inet4`": { MariaDB: [10, 10] },
  "the SQL mode `EMPTY_STRING_IS_NULL`": { MariaDB: [10, 3] },
  "the SQL mode `IGNORE_BAD_TABLE_OPTIONS`": { MariaDB: [5, 2] },
  "the SQL mode `ORACLE`": { MySQL: [5], MariaDB: [5, 1] },
  "the SQL mode `SIMULTANEOUS_ASSIGNMENT`": { MariaDB: [10, 3] },
  "the SQL mode `TIME_ROUND_FRACTIONAL`": { MariaDB: [10, 4] },
  "the SQL mode `TIME_TRUNCATE_FRACTIONAL`": { MySQL: [8] },
} as const satisfies Record<string, Versions>;
export type Feature = keyof typeof SINCE;

/** Since when they no longer have it. */
const UNTIL: Readonly<Record<string, Versions>> = {
  "partitions in MyISAM": { MySQL: [8] },
  "the SQL mode `ORACLE`": { MySQL: [8] },
};

/** So many are named; the first of them show where to look for the others. */
const NAMED = 3;

/** Whether the word is a feature's name, such as what a dump was found to need. */
export function isFeature(word: string): word is Feature {
  return Object.hasOwn(SINCE, word);
}

/** A type that not every server has, by its name in lower case. */
export function typeFeature(type: string): Feature | undefined {
  const word = `the type \`${type}\``;
  return isFeature(word) ? word : undefined;
}

/** A mode that not every server has, by its name. */
export function modeFeature(mode: string): Feature | undefined {
  const word = `the SQL mode \`${mode}\``;
  return isFeature(word) ? word : undefined;
}

export function lacks({ flavour, version }: Server, feature: Feature): boolean {
  const since: readonly number[] | undefined = (SINCE[feature] as Versions)[flavour];
  const until = UNTIL[feature]?.[flavour];
  return !since || isBefore(version, since) || (until !== undefined && !isBefore(version, until));
}

export async function describeServer(session: ReadSession): Promise<Server> {
  const [row] = await session.query<{ version: string }>("SELECT VERSION() AS version");
  const version = row?.version ?? "";
  return {
    flavour: version.includes("MariaDB") ? "MariaDB" : "MySQL",
    version: (/^[\d.]+/.exec(version)?.[0] ?? "").split(".").map(Number),
  };
}

/** ``generated columns (`t.a`, `t.b` and 2 more)`` */
export function atPlaces(what: string, places: readonly string[]): string {
  return `${what} (${listed(places)})`;
}

/** The first of some names, in backticks, and how many more there are. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, NAMED).map((name) => `\`${name}\``);
  const more = names.length - first.length;
  return more > 0 ? `${first.join(", ")} and ${more} more` : first.join(", ");
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((part, index) => part !== (version[index] ?? 0));
  return at !== -1 && (version[at] ?? 0) < other[at]!;
}
