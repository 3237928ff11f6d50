// `npm run bench -- mask [--rows N] [--json]`: what the engines cost, on servers of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchMask } from "./mask.ts";
import { maskReport } from "./report.ts";
import { benchServers } from "./servers.ts";

const ROWS = 1_000_000;
const USAGE = `Usage: npm run bench -- mask [--rows N] [--server TEXT] [--json]
  --rows N       rows of the table (default: ${ROWS})
  --server TEXT  only servers whose names begin so: "MariaDB", "MySQL 9.7"
  --json         figures as JSON on standard output; what is done is told on standard error`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { rows: { type: "string" }, server: { type: "string" }, json: { type: "boolean" } },
  });
  const rows = Number(values.rows ?? ROWS);
  if (positionals.join() !== "mask" || !Number.isInteger(rows) || rows < 1) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);
  await using cleanup = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "understudy-bench-"));
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  let stopping: Promise<void> | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      stopping ??= cleanup.disposeAsync().finally(() => process.exit(128 + constants.signals[signal]));
    });
  }
  const figures = [];
  try {
    for (const open of benchServers(directory, values.server ?? "", say)) {
      await using stack = cleanup.use(new AsyncDisposableStack());
      const server = await open(stack);
      if (server) figures.push(await benchMask(server, rows, say));
    }
  } catch (error) {
    await stopping; // its server was taken away
    throw error;
  }
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : maskReport(figures));
  return figures.length > 0 ? 0 : 1;
}
