// The dump tool and the client for a server. MariaDB's and MySQL's go by each other's names (on Debian `mysqldump` is
// MariaDB's), so each is asked which it is.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
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
  const found: Tool[] = [];
  const path = (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of [process.env["UNDERSTUDY_MYSQL_BIN"], ...path, ...folders]) {
    if (!folder) continue;
    for (const name of NAMES[kind]) {
      const tool = await identify(join(folder, name));
      if (tool && found.every(({ flavour }) => flavour !== tool.flavour)) found.push(tool);
    }
  }
  if (found.length > 0) return found.toSorted((a, b) => Number(b.flavour === server) - Number(a.flavour === server));
  const [mariadb, mysql] = NAMES[kind];
  throw new FatalError(
    "TOOL_MISSING",
    `Neither \`${mysql}\` nor \`${mariadb}\` is on this machine. Install MySQL's or MariaDB's client package, or name its folder in UNDERSTUDY_MYSQL_BIN, then replay the run.`,
  );
}

async function identify(path: string): Promise<Tool | undefined> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await execute(path, ["--no-defaults", "--version"]);
    return { path, flavour: /mariadb/i.test(stdout) ? "mariadb" : "mysql" };
  } catch {
    return undefined; // not there, or it does not run
  }
}
