// Finds a MySQL or MariaDB server on this machine.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** A server program that is on this machine. */
export interface ServerBinary {
  readonly path: string;
  readonly flavour: "mariadb" | "mysql";
  /** As the program prints it: `10.11.14`, `9.7.4`. */
  readonly version: string;
}

/** Where servers and their tools are installed beside PATH: Debian keeps them in sbin, which a user's PATH often lacks; Homebrew's versioned formulae are not linked. */
export const SERVER_FOLDERS = [
  "/usr/sbin",
  "/usr/libexec",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/local/mysql/bin",
  "/usr/local/mariadb/bin",
  ...["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"].flatMap((prefix) =>
    ["mariadb", "mysql", "mysql@8.4", "mysql@8.0"].map((formula) => `${prefix}/opt/${formula}/bin`),
  ),
];

/**
 * The server to run: the one that `UNDERSTUDY_MYSQLD` names, else the first `mariadbd`, else the first `mysqld`.
 *
 * @returns `undefined` when this machine has none that runs.
 */
export async function findServer(): Promise<ServerBinary | undefined> {
  const named = process.env["UNDERSTUDY_MYSQLD"];
  if (named) return identify(named);
  for (const name of ["mariadbd", "mysqld"]) {
    const path = await findProgram(name, SERVER_FOLDERS);
    const server = path && (await identify(path));
    if (server) return server;
  }
  return undefined;
}

/** A program's path: first from PATH, then from the folders; `undefined` when it is in none. */
export async function findProgram(name: string, folders: readonly string[] = []): Promise<string | undefined> {
  for (const folder of [...(process.env["PATH"] ?? "").split(delimiter), ...folders]) {
    if (!folder) continue;
    const path = join(folder, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}

/** Asks a program for its version; `undefined` when it does not run or does not answer as a server does. */
async function identify(path: string): Promise<ServerBinary | undefined> {
  const output = await execute(path, ["--no-defaults", "--version"]).then(
    ({ stdout }) => stdout,
    () => "",
  );
  const version = /Ver\s+(\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (version === undefined) return undefined;
  return { path, version, flavour: /mariadb/i.test(output) ? "mariadb" : "mysql" };
}
