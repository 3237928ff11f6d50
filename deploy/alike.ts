// How staging and the replica must be like production for its data to mean the same there: judged by every world's doctor.
import { failed, ok, type Verdict, warning } from "../contracts/examination.ts";
import type { WritableRole } from "../contracts/platform.ts";

export interface ServerVersion {
  readonly flavour: "MariaDB" | "MySQL";
  /** `8.0` as [8, 0]: more digits say nothing about what a dump may use. */
  readonly series: readonly [number, number];
}

/** Server variables that are compared, with what goes wrong where they differ. */
export const COMPARED = {
  sql_mode: "a statement that production refuses may pass there, or the other way round",
  character_set_server: "tables that are created there without a character set get another one than in production",
  collation_server: "tables that are created there without a collation compare text otherwise than in production",
  lower_case_table_names: "tables get other names there than in production",
} as const;
export type Compared = keyof typeof COMPARED;

/** `8.0.36`, `10.11.14-MariaDB-0+deb12u2`, as VERSION() gives them. */
export function parseVersion(text: string): ServerVersion {
  const [major = 0, minor = 0] = (/^[\d.]+/.exec(text)?.[0] ?? "").split(".").map(Number);
  return { flavour: /mariadb/i.test(text) ? "MariaDB" : "MySQL", series: [major, minor] };
}

/** Dumps go from production to the others: an older server may not understand them. */
export function judgeVersion(role: WritableRole, production: ServerVersion, own: ServerVersion): Verdict {
  const [theirs, mine] = [describe(production), describe(own)];
  if (theirs === mine) return ok(mine);
  const likeProduction = `Give ${role} a server of production's version, ${theirs}.`;
  if (own.flavour !== production.flavour) {
    return warning(`${mine}, production is ${theirs}: types and collations differ between the two`, likeProduction);
  }
  if (isBefore(own.series, production.series)) {
    return failed(`${mine} is older than production's ${theirs}, whose dumps it may not understand`, likeProduction);
  }
  return warning(`${mine}, production is ${theirs}: staging does not show production's bugs`, likeProduction);
}

/** @param remedy how to set the variable to production's value there */
export function judgeSetting(name: Compared, production: string, own: string, remedy: string): Verdict {
  if (normalize(name, production) === normalize(name, own)) return ok(own === "" ? "none, as production" : own);
  const detail = `\`${own}\`, production has \`${production}\`: ${COMPARED[name]}`;
  return name === "lower_case_table_names" ? failed(detail, remedy) : warning(detail, remedy);
}

function describe({ flavour, series }: ServerVersion): string {
  return `${flavour} ${series.join(".")}`;
}

function isBefore([major, minor]: readonly [number, number], other: readonly [number, number]): boolean {
  return major < other[0] || (major === other[0] && minor < other[1]);
}

/** A mode's words in any order are the same mode. */
function normalize(name: Compared, value: string): string {
  return name === "sql_mode" ? value.toUpperCase().split(",").toSorted().join() : value.toLowerCase();
}
