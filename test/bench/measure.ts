// Seconds on the clock, seconds of the server's processors, and the most memory that this process had meanwhile.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { WriteSession } from "../../contracts/platform.ts";

export interface Cost {
  readonly seconds: number;
  /** Of the server's processors; undefined where the operating system does not tell. On a busy machine it says more. */
  readonly cpuSeconds?: number;
  readonly clientMegabytes: number;
}

const SAMPLE_MS = 50;
const TICKS_A_SECOND = 100; // USER_HZ, on every Linux

/** Measures parts of one course of work: each lap ends the one before it. */
export interface Watch {
  /** The cost since the last lap, or since the watch was opened. */
  lap(): Cost;
  close(): void;
}

/** @param pid the server's process; undefined where it is not on this machine */
export function openWatch(pid: number | undefined): Watch {
  let cpu = cpuSeconds(pid);
  let at = performance.now();
  let peak = process.memoryUsage.rss();
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_MS);
  return {
    lap() {
      const [cpuNow, now] = [cpuSeconds(pid), performance.now()];
      const cost = {
        seconds: (now - at) / 1000,
        ...(cpu !== undefined && cpuNow !== undefined && { cpuSeconds: cpuNow - cpu }),
        clientMegabytes: peak / 1024 ** 2,
      };
      [cpu, at, peak] = [cpuNow, now, process.memoryUsage.rss()];
      return cost;
    },
    close: () => clearInterval(sampler),
  };
}

/** One lap over two. */
export function added(one: Cost, other: Cost): Cost {
  const cpu = one.cpuSeconds !== undefined && other.cpuSeconds !== undefined;
  return {
    seconds: one.seconds + other.seconds,
    ...(cpu && { cpuSeconds: (one.cpuSeconds ?? 0) + (other.cpuSeconds ?? 0) }),
    clientMegabytes: Math.max(one.clientMegabytes, other.clientMegabytes),
  };
}

/** What a whole cost more than a part of it, measured by itself. */
export function beyond(part: Cost, whole: Cost): Cost {
  const cpu = part.cpuSeconds !== undefined && whole.cpuSeconds !== undefined;
  return {
    seconds: whole.seconds - part.seconds,
    ...(cpu && { cpuSeconds: (whole.cpuSeconds ?? 0) - (part.cpuSeconds ?? 0) }),
    clientMegabytes: whole.clientMegabytes,
  };
}

export function least<Item>(items: readonly Item[], by: (item: Item) => number): Item {
  return items.reduce((best, item) => (by(item) < by(best) ? item : best));
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 14 and 15 */
function cpuSeconds(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== "linux") return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The server's process, where it is on this machine. */
export async function processOf(session: WriteSession): Promise<number | undefined> {
  const [row] = await session.query<{ file: string }>("SELECT @@GLOBAL.pid_file AS file");
  const text = await readFile(row?.file ?? "", "utf8").catch(() => "");
  return Number(text.trim()) || undefined;
}
