// How much the dump tools of the operations under way have worked: their processes' time on a processor.
import { readFileSync } from "node:fs";

const TOOLS = new Set(["mariadb-dump", "mysqldump", "mariadb", "mysql"]);
/** As Node names its main thread, by its version. */
const RUNNERS = new Set(["node", "MainThread"]);

/**
 * Begins to watch: each call gives the processor seconds that tools have used since the last one.
 *
 * They are grandchildren of this process, by an operation's runner. A runner that imports is a client itself: its main
 * thread counts then. Where the operating system does not tell (only Linux does), it is always 0.
 */
export function watchTools(): (isImporting: boolean) => number {
  let before = new Map<string, number>();
  return (isImporting) => {
    const runners = childrenOf(String(process.pid)).filter((pid) => RUNNERS.has(nameOf(pid)));
    const tools = runners.flatMap(childrenOf).filter((pid) => TOOLS.has(nameOf(pid)));
    const now = new Map([...runners, ...tools].map((pid) => [pid, secondsOf(pid)]));
    const used = [...tools, ...(isImporting ? runners : [])].map((pid) => (now.get(pid) ?? 0) - (before.get(pid) ?? 0));
    before = now;
    return used.reduce((sum, one) => sum + Math.max(0, one), 0);
  };
}

function nameOf(pid: string): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** On a processor so far: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat, nanoseconds there. */
function secondsOf(pid: string): number {
  return Number(read(`/proc/${pid}/schedstat`).split(" ")[0]) / 1e9;
}

/** https://man7.org/linux/man-pages/man5/proc_tid_children.5.html */
function childrenOf(pid: string): string[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
}

/** Nothing for a process that has ended. */
function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
