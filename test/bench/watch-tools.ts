// How much the dump tools of the operations under way have worked: their processes' time on a processor.
import { readFileSync } from "node:fs";

const TOOLS = new Set(["mariadb-dump", "mysqldump", "mariadb", "mysql"]);

/**
 * Begins to watch: each call gives the processor seconds that tools have used since the last one.
 *
 * They are grandchildren of this process, by an operation's runner. Where the operating system does not tell (only Linux
 * does), it is always 0.
 */
export function watchTools(): () => number {
  let before = new Map<string, number>();
  return () => {
    const now = new Map<string, number>();
    let used = 0;
    for (const pid of childrenOf(String(process.pid)).flatMap(childrenOf)) {
      if (!TOOLS.has(read(`/proc/${pid}/comm`).trim())) continue;
      // https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat: nanoseconds on a processor
      const nanoseconds = Number(read(`/proc/${pid}/schedstat`).split(" ")[0]);
      now.set(pid, nanoseconds);
      used += nanoseconds - (before.get(pid) ?? 0);
    }
    before = now;
    return used / 1e9;
  };
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
