// Starts a client tool of MySQL or MariaDB, and tells how it ended without telling what it said: its error text may
// quote a row.
import { type ChildProcess, spawn } from "node:child_process";
import { getSystemErrorName } from "node:util";
import { readError, readWriteErrno, type ToolErrorNumbers } from "../../mysql-tool-text.ts";
import type { Job } from "./job.ts";
import type { Tool } from "./tools.ts";

/** Enough for the first error; the rest is read and dropped. */
const STDERR_BYTES = 64 * 1024;

export interface ToolEnd extends ToolErrorNumbers {
  readonly ok: boolean;
  /** The code of what kept it from writing its dump, such as ENOSPC. */
  readonly unwritable?: string;
}

export interface RunningTool {
  readonly child: ChildProcess;
  readonly ended: Promise<ToolEnd>;
}

/**
 * Starts a tool on the job's server. What it says goes to a pipe, or into the open file of a descriptor.
 *
 * The password goes in MYSQL_PWD, which only the same user can read, as with the secret that it comes from. An option
 * file on a descriptor (`/dev/fd/3`) would not do: what Node gives a child for a pipe is a socket, and a socket cannot
 * be opened by its path.
 */
export function startTool(
  tool: Tool,
  { server }: Job,
  options: readonly string[],
  output: "pipe" | number,
  signal: AbortSignal,
): RunningTool {
  const { host, port, user, password } = server;
  const child = spawn(
    tool.path,
    [
      "--no-defaults", // first, or it is refused; the user's own option files are for other uses
      "--protocol=tcp", // `localhost` would mean the socket, whatever the port
      `--host=${host}`,
      `--port=${port}`,
      `--user=${user}`,
      "--default-character-set=utf8mb4",
      "--max-allowed-packet=1G",
      ...TLS[tool.flavour],
      ...options,
    ],
    { stdio: ["ignore", output, "pipe"], env: { ...process.env, MYSQL_PWD: password }, signal, killSignal: "SIGKILL" },
  );
  return { child, ended: endOf(child) };
}

/** TLS where the server offers it, as mysql2's sessions have none to check: a server's own certificate is accepted. */
const TLS = {
  mariadb: ["--skip-ssl-verify-server-cert"], // from 11.4 on the default is to verify
  // The password travels encrypted by the server's key where there is no TLS (caching_sha2_password).
  mysql: ["--loose-get-server-public-key"],
};

async function endOf(child: ChildProcess): Promise<ToolEnd> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < STDERR_BYTES) said += text;
  });
  const ok = await new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
  if (ok) return { ok };
  const unwritable = readWriteErrno(said);
  return {
    ok,
    ...readError(said),
    ...(unwritable === undefined ? {} : { unwritable: getSystemErrorName(-unwritable) }),
  };
}
