// `npm run bench -- mask|preserve|dump|sync [--rows N] [--json]`: what the engines and a whole sync cost, on servers of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchDump } from "./dump.ts";
import { benchMask } from "./mask.ts";
import { benchPreserve } from "./preserve.ts";
import { dumpReport, maskReport, preserveReport } from "./report.ts";
import { benchServers } from "./servers.ts";
import { benchSync, type Servers } from "./sync.ts";
import { syncReport } from "./sync-report.ts";
import { realMySqlTools } from "../support/real-mysql.ts";
import { ROLES } from "../support/sample-servers.ts";
import type { TestServer } from "../support/servers.ts";

/** Figures, and the same as a text. */
type Measured = readonly [object, string];

interface Bench {
  /** Where none are asked for. */
  readonly rows: number;
  /** On one server. */
  measure?(server: TestServer, rows: number, say: (sentence: string) => void): Promise<Measured>;
  /** On three servers of one kind, in a folder. */
  measureThree?(servers: Servers, directory: string, rows: number, say: (sentence: string) => void): Promise<Measured>;
  /** With no server, in a folder. */
  measureAlone?(directory: string, rows: number, say: (sentence: string) => void): Promise<Measured>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  mask: {
    rows: 1_000_000,
    async measure(...args) {
      const figures = await benchMask(...args);
      return [figures, maskReport([figures])];
    },
  },
  preserve: {
    rows: 100_000,
    async measure(...args) {
      const figures = await benchPreserve(...args);
      return [figures, preserveReport([figures])];
    },
  },
  dump: {
    rows: 900_000,
    async measureAlone(...args) {
      const figures = await benchDump(...args);
      return [figures, dumpReport(figures)];
    },
  },
  sync: {
    rows: 1_000_000,
    async measureThree(...args) {
      const figures = await benchSync(...args);
      return [figures, syncReport(figures)];
    },
  },
};

const USAGE = `Usage: npm run bench -- mask|preserve|dump|sync [--rows N] [--server TEXT] [--json]
  --rows N       rows of the table to mask (default: ${BENCHES["mask"]?.rows}), rows to preserve (${BENCHES["preserve"]?.rows}),
                 rows of the dump (${BENCHES["dump"]?.rows}), or rows of production (${BENCHES["sync"]?.rows})
  --server TEXT  only servers whose names begin so: "MariaDB", "MySQL 9.7"
  --json         figures as JSON on standard output; what is done is told on standard error
On two cores: taskset -c 0,1 npm run bench -- mask`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { rows: { type: "string" }, server: { type: "string" }, json: { type: "boolean" } },
  });
  const bench = BENCHES[positionals.join()];
  const rows = Number(values.rows ?? bench?.rows);
  if (!bench || !Number.isInteger(rows) || rows < 1) {
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
  const measured: Measured[] = [];
  try {
    if (bench.measureAlone) measured.push(await bench.measureAlone(directory, rows, say));
    for (const open of bench.measureAlone ? [] : benchServers(directory, values.server ?? "", say)) {
      await using stack = cleanup.use(new AsyncDisposableStack());
      const server = await open(stack);
      if (!server) continue;
      if (bench.measure) measured.push(await bench.measure(server, rows, say));
      if (!bench.measureThree) continue;
      const [replica, staging] = [await open(stack, ROLES[1]), await open(stack, ROLES[2])];
      if (!replica || !staging) continue;
      const place = await mkdtemp(join(directory, "sync-"));
      await withToolsOf(server, async () => {
        measured.push((await bench.measureThree?.({ production: server, replica, staging }, place, rows, say))!);
      });
    }
  } catch (error) {
    await stopping; // its server was taken away
    throw error;
  }
  const figures = measured.map(([one]) => one);
  const text = measured.map(([, one]) => one).join("\n");
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : text);
  return measured.length > 0 ? 0 : 1;
}

/** MySQL's own dump tool is looked for first where the server is MySQL. */
async function withToolsOf({ flavour }: TestServer, work: () => Promise<void>): Promise<void> {
  if (flavour === "mysql") process.env["UNDERSTUDY_MYSQL_BIN"] ??= await realMySqlTools();
  await work();
}
