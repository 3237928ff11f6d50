// The dump tool and the client for a server. MariaDB's and MySQL's go by each other's names (on Debian `mysqldump` is
// MariaDB's), so each is asked which it is.
import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { FatalError } from "../../../contracts/errors.ts";

const execute = promisify(execFile);

export type Flavour = "mariadb" | "mysql";

export interface Tool {
  readonly path: string;
  readonly flavour: Flavour;
}

const NAMES = { dump: ["mariadb-dump", "mysqldump"], client: ["mariadb", "mysql"] } as const;

/**
 * Finds the tools for a server, at most one of each flavour: that of the server's own kind first.
 *
 * It looks in the folder that UNDERSTUDY_MYSQL_BIN names, then in PATH, then in `folders`.
 *
 * @throws FatalError TOOL_MISSING.
 */
export async function findTools(
  kind: keyof typeof NAMES,
  server: Flavour,
  folders: readonly string[] = [],
): Promise<Tool[]> {
  const path = (process.env["PATH"] ?? "").split(delimiter);
  const programs = await programsIn([process.env["UNDERSTUDY_MYSQL_BIN"], ...path, ...folders], NAMES[kind]);
  const tools = (await Promise.all(programs.map(identify))).filter((tool) => tool !== undefined);
  const found = tools.filter(({ flavour }, at) => tools.findIndex((tool) => tool.flavour === flavour) === at);
  if (found.length > 0) return found.toSorted((a, b) => Number(b.flavour === server) - Number(a.flavour === server));
  const [mariadb, mysql] = NAMES[kind];
  throw new FatalError(
    "TOOL_MISSING",
    `Neither \`${mysql}\` nor \`${mariadb}\` is on this machine. Install MySQL's or MariaDB's client package, or name its folder in UNDERSTUDY_MYSQL_BIN, then replay the run.`,
  );
}

/** Each once, under the first of its names: on Debian there are four, in two folders. */
async function programsIn(folders: readonly (string | undefined)[], names: readonly string[]): Promise<string[]> {
  const paths = folders.flatMap((folder) => (folder ? names.map((name) => join(folder, name)) : []));
  const programs = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  return paths.filter((_, at) => programs[at] !== undefined && programs.indexOf(programs[at]) === at);
}

async function identify(path: string): Promise<Tool | undefined> {
  try {
    const { stdout } = await execute(path, ["--no-defaults", "--version"]);
    return { path, flavour: /mariadb/i.test(stdout) ? "mariadb" : "mysql" };
  } catch {
    return undefined; // it does not run
  }
}
