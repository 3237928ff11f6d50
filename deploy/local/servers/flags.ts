// The server options of a small server that serves one sync, or one test, on one machine.
import { userInfo } from "node:os";
import type { ServerBinary } from "./find-server.ts";

/** Both servers refuse to run as root unless told that it is meant. */
function asUser(): string[] {
  return process.getuid?.() === 0 ? [`--user=${userInfo().username}`] : [];
}

/** Options for making a data directory. The redo log's size is fixed here: a copy of the template inherits it. */
export function initialiseFlags(server: ServerBinary, dataDirectory: string): string[] {
  return ["--no-defaults", `--datadir=${dataDirectory}`, ...asUser(), redoLog(server)];
}

/** Where one server listens and keeps its things. */
export interface ServerPlace {
  readonly dataDirectory: string;
  readonly temporaryDirectory: string;
  readonly socketPath: string;
  readonly pidFile: string;
  readonly port: number;
}

/** Options for running. Later `extra` options win over these. */
export function runFlags(server: ServerBinary, place: ServerPlace, extra: readonly string[]): string[] {
  return [
    ...initialiseFlags(server, place.dataDirectory),
    `--socket=${place.socketPath}`,
    `--pid-file=${place.pidFile}`,
    // Not the system's: a starting MariaDB deletes every `#sql*` file in its tmpdir, also those of its running neighbours.
    `--tmpdir=${place.temporaryDirectory}`,
    `--port=${place.port}`,
    "--bind-address=127.0.0.1",
    // Accounts are matched by address; `root@localhost` can then come in by the socket only, inside a private folder.
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci", // the one that MySQL 5.6 to 9 and MariaDB share
    "--innodb-buffer-pool-size=256M",
    "--performance-schema=OFF", // saves 100 to 200 MB a server
    "--max-allowed-packet=256M",
    "--innodb-flush-log-at-trx-commit=2", // survives a killed server; a power cut may cost a second of sample data
    "--innodb-doublewrite=0",
    ...(server.flavour === "mysql" ? ["--loose-mysqlx=OFF"] : []),
    "--skip-log-bin",
    ...extra,
  ];
}

/** Large enough for a bulk load, small enough to copy. */
function redoLog(server: ServerBinary): string {
  const [major = 0, minor = 0, patch = 0] = server.version.split(".").map(Number);
  const isNew = server.flavour === "mysql" && (major > 8 || (major === 8 && (minor > 0 || patch >= 30)));
  return isNew ? "--innodb-redo-log-capacity=128M" : "--innodb-log-file-size=64M";
}
