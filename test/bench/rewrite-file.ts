// `node rewrite-file.ts IN OUT`: rewrites one file into another, in a process of its own whose memory can be told.
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipped, gzipped, rewriteDump } from "../../handlers/dump/index.ts";

const [from = "", to = ""] = process.argv.slice(2);
const begun = performance.now();
const rewrite = rewriteDump(gunzipped(createReadStream(from, { highWaterMark: 512 * 1024 })), {
  ...{ from: "shop", to: "shop_next", withoutRowsOf: () => false },
});
const output = to.endsWith(".gz") ? gzipped(rewrite.output) : rewrite.output;
await pipeline(Readable.from(output, { objectMode: false, highWaterMark: 1024 * 1024 }), createWriteStream(to));
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const seconds = (performance.now() - begun) / 1000;
process.stdout.write(
  JSON.stringify({ seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }),
);
