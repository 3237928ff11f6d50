// What masking costs: the plain way, one UPDATE, the engine, its proof, and the floor, on one server in one run.
import { availableParallelism } from "node:os";
import { planMasking, proveMasking, type MaskingJob } from "../../handlers/masking/index.ts";
import { setKey } from "../../handlers/masking/keyed.ts";
import { updateStatement } from "../../handlers/masking/mask-chunk.ts";
import { maskReplica, maskRows, prepareCopy } from "../../handlers/masking/mask-replica.ts";
import { maskedColumns, type TablePlan } from "../../handlers/masking/plan.ts";
import { withWorkers } from "../../handlers/masking/workers.ts";
import { readSchema } from "../../handlers/mysql/schema.ts";
import { openWriteSession } from "../../handlers/mysql/session.ts";
import type { TestServer } from "../support/servers.ts";
import { CONTRACT, COPY, fillCopy, LEDGER, makeCopy, makeSource, MASKED_COLUMNS, SECONDARY_KEYS } from "./customers.ts";
import { added, beyond, least, openWatch, processOf, type Cost, type Watch } from "./measure.ts";

export interface MaskFigures {
  readonly server: string;
  readonly version: string;
  readonly cores: number;
  readonly rows: number;
  readonly maskedColumns: number;
  readonly secondaryKeys: number;
  readonly connections: number;
  /** An unmasked INSERT … SELECT of the table: no way to write all rows is much faster. */
  readonly floor: Cost;
  /** One UPDATE a column over one connection. */
  readonly plain: Cost;
  /** One UPDATE of all columns over one connection. */
  readonly single: Cost;
  /** The stage without its proof, from the first session opened to the last key restored. */
  readonly engine: Cost;
  /** Of these, after the last row was masked. */
  readonly keys: Cost;
  /** What the whole stage takes beyond that: remembering before, reading meanwhile, looking afterwards. */
  readonly proof: Cost;
  readonly timesFasterThanPlain: number;
  readonly timesTheFloor: number;
  readonly proofShare: number;
}

const KEY = Buffer.from("0123456789abcdef0123456789abcdef");
const CONNECTIONS = 4; // as handlers/mask.ts has
/** Of which the best counts: another process on the machine makes a round slower, none makes it faster. */
const ROUNDS = 2;
const ALL = { low: null, high: null };

/** Measures one server; its databases are made anew for each way. */
export async function benchMask(
  { name, version, host, port, user, password }: TestServer,
  rows: number,
  say: (sentence: string) => void,
): Promise<MaskFigures> {
  const open = () => openWriteSession("replica", { host, port, user, password });
  const session = await open();
  const watch = openWatch(await processOf(session));
  const timed = async (what: string, work: () => Promise<unknown>) => {
    say(`${name}: ${what}.`);
    watch.lap();
    await work();
    return watch.lap();
  };
  const fresh = async () => {
    await makeCopy(session);
    return timed(`copying the table`, () => fillCopy(session));
  };
  try {
    await setKey(session, KEY);
    await timed(`making ${rows.toLocaleString("en")} rows`, () => makeSource(session, rows));
    const floor = await fresh();
    const plan = planMasking(CONTRACT, await readSchema(session, COPY));
    const table = plan.tables[0]!;
    const plain = await timed("one UPDATE a column", async () => {
      for (const one of aColumnEach(table)) await session.run(updateStatement(COPY, one, ALL));
    });
    await fresh();
    const single = await timed("one UPDATE of all columns", () => session.run(updateStatement(COPY, table, ALL)));
    const job = {
      ...{ plan, database: COPY, ledgerDatabase: LEDGER, run: "bench", key: KEY, connections: CONNECTIONS, open },
      signal: new AbortController().signal,
    };
    const [engines, proven]: [Awaited<ReturnType<typeof runEngine>>[], Cost[]] = [[], []];
    for (let round = 1; round <= ROUNDS; round++) {
      await fresh();
      say(`${name}: the engine, ${round} of ${ROUNDS}.`);
      engines.push(await runEngine(watch, job));
      await fresh();
      const what = `the engine with its proof, ${round} of ${ROUNDS}`;
      proven.push(await timed(what, () => maskReplica(job).then(() => proveMasking(job))));
    }
    const { engine, keys } = least(engines, (one) => one.engine.seconds);
    const proof = beyond(
      engine,
      least(proven, ({ seconds }) => seconds),
    );
    return {
      ...{ server: name, version, cores: availableParallelism(), rows, connections: CONNECTIONS },
      ...{ maskedColumns: MASKED_COLUMNS, secondaryKeys: SECONDARY_KEYS },
      ...{ floor, plain, single, engine, keys, proof },
      timesFasterThanPlain: plain.seconds / engine.seconds,
      timesTheFloor: engine.seconds / floor.seconds,
      proofShare: proof.seconds / engine.seconds,
    };
  } finally {
    watch.close();
    await session.close();
  }
}

/** Masks without what the proof remembers and reads: these share the sessions' time with masking, so that only two runs tell what they add. */
async function runEngine(watch: Watch, job: MaskingJob): Promise<Pick<MaskFigures, "engine" | "keys">> {
  let rows: Cost | undefined;
  const onProgress: MaskingJob["onProgress"] = ({ doing }) => {
    if (doing === "restoring keys") rows = watch.lap();
  };
  watch.lap();
  await withWorkers(job, async (workers) => {
    await prepareCopy(workers, job);
    await maskRows(workers, { ...job, onProgress }, () => Promise.resolve(() => []));
  });
  rows ??= watch.lap(); // too few to drop a key
  const keys = watch.lap();
  return { engine: added(rows, keys), keys };
}

/** The table's plan once for each masked column, as if it were the only one. */
function aColumnEach(table: TablePlan): TablePlan[] {
  return maskedColumns(table).map((column) => ({ ...table, columns: [column] }));
}
