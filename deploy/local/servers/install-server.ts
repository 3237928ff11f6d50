// Makes sure that this machine has a MySQL server and its dump tool; installs them where that is safe to do.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FatalError } from "../../../contracts/errors.ts";
import { findTools } from "../sql-admin/tools.ts";
import { findProgram, findServer, SERVER_FOLDERS, type ServerBinary } from "./find-server.ts";

/** A server program, and where its tools were found. */
export interface InstalledServer extends ServerBinary {
  /** For `UNDERSTUDY_MYSQL_BIN`: Homebrew's versioned formulae, for one, are not on PATH. */
  readonly toolFolder: string;
}

/** The core packages bring the programs only: no service starts, no system user or data directory is made. */
const DEBIAN_PACKAGES = ["mariadb-server-core", "mariadb-client"];

/**
 * Finds a server and its dump tool; on Debian and Ubuntu, as root, installs MariaDB with apt when they are missing.
 *
 * @param log gets one sentence before anything is installed.
 * @throws FatalError MYSQL_NOT_FOUND where it may not install; MYSQL_INSTALL_FAILED where apt failed.
 */
export async function ensureServer(log: (sentence: string) => void): Promise<InstalledServer> {
  const present = await find();
  if (present) return present;
  if (!(await isDebianAsRoot())) throw new FatalError("MYSQL_NOT_FOUND", howToInstall());
  log(`No MySQL server on this machine: installing ${DEBIAN_PACKAGES.join(" and ")} with apt.`);
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", ...DEBIAN_PACKAGES);
  const installed = await find();
  if (!installed) throw new FatalError("MYSQL_NOT_FOUND", howToInstall());
  return installed;
}

async function find(): Promise<InstalledServer | undefined> {
  const server = await findServer();
  if (!server) return undefined;
  const folders = [dirname(server.path), ...SERVER_FOLDERS];
  try {
    const [tool] = await findTools("dump", server.flavour, folders);
    return tool && { ...server, toolFolder: dirname(tool.path) };
  } catch {
    return undefined; // the server without its tool
  }
}

async function isDebianAsRoot(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) && (await findProgram("apt-get")) !== undefined;
}

async function apt(...args: string[]): Promise<void> {
  // A short -o: a machine that installs updates at this moment holds dpkg's lock for a while.
  const child = spawn("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2000)));
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code === 0) return;
  throw new FatalError(
    "MYSQL_INSTALL_FAILED",
    `\`apt-get ${args[0]}\` ended with code ${code}. Install ${DEBIAN_PACKAGES.join(" and ")} by hand, then start again. It said:\n${output.trim()}`,
  );
}

function howToInstall(): string {
  const how =
    process.platform === "darwin"
      ? "Run `brew install mariadb`"
      : process.platform === "win32"
        ? "Use WSL, and in it run `sudo apt-get install mariadb-server-core mariadb-client`"
        : "Install MariaDB's or MySQL's server and client programs (Debian, Ubuntu: `sudo apt-get install mariadb-server-core mariadb-client`; Fedora: `sudo dnf install mariadb-server mariadb`)";
  const named = process.env["UNDERSTUDY_MYSQLD"];
  return named
    ? `\`UNDERSTUDY_MYSQLD\` names \`${named}\`, which does not run as a MySQL server with its dump tool on PATH. Correct or unset it.`
    : `No MySQL server with its dump tool (mysqld or mariadbd, mysqldump) was found on this machine. ${how}, then start again.`;
}
