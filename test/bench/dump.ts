// What rewriting a dump costs: a plain one against `cat`, a compressed one against `gzip -dc | gzip -1`, in turns.
import { execFile } from "node:child_process";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { makeDump } from "./dump-file.ts";

const execute = promisify(execFile);

export interface DumpFigures {
  readonly rows: number;
  /** Of the plain dump; 1,000,000 bytes each. */
  readonly megabytes: number;
  readonly plain: Comparison;
  readonly compressed: Comparison;
}

/** The best of several rounds each: another process on the machine makes a round slower, none makes it faster. */
export interface Comparison {
  /** Without Node's start and the loading of modules, about 0.15 s at any size: a stage rewrites in a process that runs. */
  readonly seconds: number;
  readonly toolSeconds: number;
  readonly timesTheTool: number;
  /** The most that the rewriting process had in memory, Node itself included. */
  readonly residentMegabytes: number;
}

const ROUNDS = 5;
const Told = z.object({ seconds: z.number(), megabytes: z.number() });

/** @param directory where the files stand meanwhile */
export async function benchDump(
  directory: string,
  rows: number,
  say: (sentence: string) => void,
): Promise<DumpFigures> {
  const plain = join(directory, "dump.sql");
  const packed = join(directory, "dump.sql.gz");
  say(`Writing a dump of ${rows.toLocaleString("en")} rows.`);
  await makeDump(plain, rows);
  const megabytes = (await stat(plain)).size / 1e6;
  await execute("sh", ["-c", 'gzip -1 -c "$0" > "$1"', plain, packed]);
  // Through a pipe: cat alone has the file system copy the blocks, and reads nothing.
  say("A plain dump, and `cat`.");
  const compared = await compare(plain, join(directory, "rewritten.sql"), 'cat "$0" | cat > "$1"');
  say("A compressed dump, and `gzip -dc | gzip -1`.");
  const compressed = await compare(packed, join(directory, "rewritten.sql.gz"), 'gzip -dc "$0" | gzip -1 > "$1"');
  return { rows, megabytes, plain: compared, compressed };
}

async function compare(from: string, to: string, command: string): Promise<Comparison> {
  const own: z.infer<typeof Told>[] = [];
  const tool: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await execute("sh", ["-c", command, from, to]);
    tool.push((performance.now() - begun) / 1000);
    await rm(to);
    own.push(await rewriteFile(from, to));
    await rm(to);
  }
  const seconds = Math.min(...own.map((one) => one.seconds));
  const toolSeconds = Math.min(...tool);
  const residentMegabytes = Math.max(...own.map(({ megabytes }) => megabytes));
  return { seconds, toolSeconds, timesTheTool: seconds / toolSeconds, residentMegabytes };
}

async function rewriteFile(from: string, to: string): Promise<z.infer<typeof Told>> {
  const program = join(import.meta.dirname, "rewrite-file.ts");
  // The flag that `npm run local` has; see package.json.
  const { stdout } = await execute(process.execPath, ["--max-semi-space-size=2", program, from, to]);
  return Told.parse(JSON.parse(stdout));
}
