// Which process did something, so that another can ask later whether it still lives. A pid alone does not say: pids are
// used again. Processes that share a state file run on one machine, in one PID namespace.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** For example `4711@d3b07384-….98214`: the pid, and when the process started. */
export type ProcessIdentity = string;

/** A process's identity, or undefined when there is no such process, or only its exit status is left of it. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const started = process.platform === "linux" ? startedOnLinux(pid) : startedByPs(pid);
  return started === undefined ? undefined : `${pid}@${started}`;
}

/** This process. */
export const thisProcess: ProcessIdentity = identityOf(process.pid) ?? `${process.pid}@unknown`;

/** Whether the very process that had this identity still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity === thisProcess || identityOf(pidOf(identity)) === identity;
}

export function pidOf(identity: ProcessIdentity): number {
  return Number(identity.slice(0, identity.indexOf("@")));
}

/** The boot and, in clock ticks since then, the start: fields 3 and 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html. */
function startedOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before it may hold spaces
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}.${fields[19] ?? ""}`;
  } catch {
    return undefined;
  }
}

function startedByPs(pid: number): string | undefined {
  try {
    const [state = "", ...started] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { LC_ALL: "C", TZ: "UTC" },
    })
      .trim()
      .split(/\s+/);
    return state === "" || state.startsWith("Z") ? undefined : started.join("-");
  } catch {
    return undefined;
  }
}
