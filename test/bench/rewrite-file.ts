// `node rewrite-file.ts IN OUT`: rewrites one file into another, in a process of its own whose memory can be told.
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { gunzipped, gzipped, rewriteDump } from "../../handlers/dump/index.ts";

const BUFFER_BYTES = 512 * 1024;
/** One is written while the rewriter looks at the next and a third is read; one more for when these are not equally fast. */
const BUFFERS = 4;

const [from = "", to = ""] = process.argv.slice(2);
const begun = performance.now();
const output = await open(to, "w");
/** Done when all that was handed on so far is in the file. */
let written: Promise<unknown> = Promise.resolve();
const input = from.endsWith(".gz") ? gunzipped(createReadStream(from)) : inTurns(await open(from));
const rewrite = rewriteDump(input, { from: "shop", to: "shop_next", withoutRowsOf: () => false });
for await (const bytes of to.endsWith(".gz") ? gzipped(rewrite.output) : rewrite.output) {
  await written;
  written = output.writeFile(bytes);
}
await written;
await output.close();
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const seconds = (performance.now() - begun) / 1000;
process.stdout.write(
  JSON.stringify({ seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }),
);

/**
 * Reads into the same few buffers again and again: new ones for each piece cost more than the reading does. The rewriter
 * hands on what it was given as it is, and keeps nothing of it once it has the next.
 */
async function* inTurns(file: FileHandle): AsyncGenerator<Buffer> {
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(BUFFER_BYTES));
  /** For each buffer, the writing of what was handed on of it. */
  const writing: Promise<unknown>[] = [];
  const read = async (turn: number) => {
    await writing[turn % BUFFERS];
    return file.read(buffers[turn % BUFFERS]!);
  };
  let reading = read(0);
  for (let turn = 0; ; turn++) {
    const { buffer, bytesRead } = await reading;
    if (bytesRead === 0) break;
    reading = read(turn + 1);
    yield buffer.subarray(0, bytesRead);
    writing[turn % BUFFERS] = written;
  }
  await file.close();
}
