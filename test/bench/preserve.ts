// What preserving costs: against a plain INSERT … SELECT of the same rows, on one server in one run.
import { availableParallelism } from "node:os";
import type { WriteSession } from "../../contracts/platform.ts";
import { planPreserve, preserveRows, provePreserved } from "../../handlers/preserving/index.ts";
import { readSchema } from "../../handlers/mysql/schema.ts";
import { openReadSession, openWriteSession } from "../../handlers/mysql/session.ts";
import type { TestServer } from "../support/servers.ts";
import { openWatch, processOf, type Cost, type Watch } from "./measure.ts";
import { COPY, COPY_FOLD, insertPlainly, makeCopy, makeStaging, RULE, STAGING, TABLES, WORK } from "./tenants.ts";

export interface PreserveFigures {
  readonly server: string;
  readonly version: string;
  readonly cores: number;
  /** Preserved ones. */
  readonly rows: number;
  readonly copyRows: number;
  readonly tables: number;
  /** One INSERT … SELECT a table, over one connection. */
  readonly plain: Cost;
  /** Until the first row was inserted: staging read, new ids, checks, and what the proof remembers. */
  readonly deciding: Cost;
  readonly inserting: Cost;
  /** Afterwards. */
  readonly proving: Cost;
  /** Of these, seconds in which the proof summed up production's rows, before and afterwards. */
  readonly summingSeconds: number;
  readonly timesThePlain: number;
  /** Of the whole time, with what is remembered for the proof. */
  readonly proofShare: number;
  readonly clientMegabytes: number;
}

/** Measures one server; its databases are made anew. */
export async function benchPreserve(
  { name, version, host, port, user, password }: TestServer,
  rows: number,
  say: (sentence: string) => void,
): Promise<PreserveFigures> {
  const options = { host, port, user, password };
  const session = await openWriteSession("replica", options);
  const watch = openWatch(await processOf(session));
  try {
    say(`${name}: making ${rows.toLocaleString("en")} rows to preserve and ${COPY_FOLD} times as many in a copy.`);
    await makeStaging(session, rows);
    await makeCopy(session, rows);
    say(`${name}: a plain INSERT … SELECT.`);
    watch.lap();
    await insertPlainly(session);
    const plain = watch.lap();
    await makeCopy(session, rows);
    say(`${name}: the engine.`);
    const { summingSeconds, ...parts } = await runEngine(watch, session, options);
    const { deciding, inserting, proving } = parts;
    const seconds = deciding.seconds + inserting.seconds + proving.seconds;
    return {
      ...{ server: name, version, cores: availableParallelism(), rows, copyRows: rows * COPY_FOLD, tables: TABLES },
      ...{ plain, ...parts, summingSeconds: summingSeconds.before + summingSeconds.after },
      timesThePlain: seconds / plain.seconds,
      proofShare: (summingSeconds.before + proving.seconds) / seconds,
      clientMegabytes: Math.max(...[deciding, inserting, proving].map((cost) => cost.clientMegabytes)),
    };
  } finally {
    watch.close();
    await session.close();
  }
}

async function runEngine(watch: Watch, session: WriteSession, options: Parameters<typeof openWriteSession>[1]) {
  const plan = planPreserve([RULE], await readSchema(session, STAGING), await readSchema(session, COPY));
  const staging = await openReadSession("staging", options);
  const summing = { before: 0, after: 0 };
  const open = (when: keyof typeof summing) => async () =>
    timingSums(await openWriteSession("replica", options), (seconds) => (summing[when] += seconds));
  const shared = { plan, database: COPY, workDatabase: WORK, signal: new AbortController().signal };
  let deciding: Cost | undefined;
  watch.lap();
  try {
    await preserveRows({
      ...{ ...shared, staging, stagingDatabase: STAGING, open: open("before") },
      onProgress: () => void (deciding ??= watch.lap()),
    });
  } finally {
    await staging.close();
  }
  if (!deciding) throw new Error("The engine did not tell when it began to insert.");
  const inserting = watch.lap();
  await provePreserved({ ...shared, open: open("after") });
  return { deciding, inserting, proving: watch.lap(), summingSeconds: summing };
}

/** The session, telling of each checksum how long it took. */
function timingSums(session: WriteSession, tell: (seconds: number) => void): WriteSession {
  return {
    ...session,
    async query<Row>(sql: string, values?: readonly unknown[]) {
      const start = performance.now();
      const rows = await session.query<Row>(sql, values);
      if (sql.includes("SUM(digest)")) tell((performance.now() - start) / 1000);
      return rows;
    },
  };
}
