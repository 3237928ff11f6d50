// Runs, locks and dead letters in the state file, as JSON that is checked on its way in and out.
import type { z } from "zod";
import { FatalError } from "../../contracts/errors.ts";
import type { RunStore } from "../../contracts/platform.ts";
import { DeadLetter, Lock, Run } from "../../contracts/run.ts";
import type { State } from "./state.ts";

export function openRunStore(state: State): RunStore {
  const { database } = state;
  const one = <Document>(schema: z.ZodType<Document>, sql: string, id: string): Document | undefined => {
    const row = database.prepare(sql).get(id);
    return row && parse(schema, row["document"], state.path);
  };
  const getRun = (runId: string) => one(Run, "SELECT document FROM runs WHERE run_id = ?", runId);
  const getLock = (pipeline: string) => one(Lock, "SELECT document FROM locks WHERE pipeline = ?", pipeline);

  function putRun(runId: string, run: Run): void {
    if (run.runId !== runId) throw new Error(`The decision on run ${runId} is about run ${run.runId}.`);
    database
      .prepare("INSERT OR REPLACE INTO runs (run_id, pipeline, document) VALUES (?, ?, ?)")
      .run(runId, run.pipeline, JSON.stringify(Run.parse(run)));
  }

  function putLock(pipeline: string, lock: Lock | "free"): void {
    if (lock === "free") {
      database.prepare("DELETE FROM locks WHERE pipeline = ?").run(pipeline);
      return;
    }
    database
      .prepare("INSERT OR REPLACE INTO locks (pipeline, document) VALUES (?, ?)")
      .run(pipeline, JSON.stringify(Lock.parse(lock)));
  }

  return {
    get: async (runId) => getRun(runId),
    getLock: async (pipeline) => getLock(pipeline),
    async list(pipeline, limit) {
      const rows = database
        .prepare("SELECT document FROM runs WHERE pipeline = ? ORDER BY run_id DESC LIMIT ?")
        .all(pipeline, limit);
      return rows.map((row) => parse(Run, row["document"], state.path));
    },
    async update(runId, decide) {
      return state.transaction(() => {
        const { run, result } = decide(getRun(runId));
        if (run) putRun(runId, run);
        return result;
      });
    },
    async updateWithLock(pipeline, runId, decide) {
      return state.transaction(() => {
        const { run, lock, result } = decide(getRun(runId), getLock(pipeline));
        if (run) putRun(runId, run);
        if (lock) putLock(pipeline, lock);
        return result;
      });
    },
    async recordDeadLetter(letter) {
      database
        .prepare("INSERT OR IGNORE INTO dead_letters (id, pipeline, failed_at, document) VALUES (?, ?, ?, ?)")
        .run(letter.id, letter.pipeline, letter.failedAt, JSON.stringify(DeadLetter.parse(letter)));
    },
    async listDeadLetters(pipeline, limit) {
      const rows = database
        .prepare("SELECT document FROM dead_letters WHERE pipeline = ? ORDER BY failed_at DESC, rowid DESC LIMIT ?")
        .all(pipeline, limit);
      return rows.map((row) => parse(DeadLetter, row["document"], state.path));
    },
  };
}

/** What a document is, or a complaint that names the field and quotes nothing. */
function parse<Document>(schema: z.ZodType<Document>, json: unknown, path: string): Document {
  const parsed = schema.safeParse(JSON.parse(String(json)));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new FatalError(
    "STATE_UNREADABLE",
    `A document in the state file \`${path}\` is not as this code knows it, at \`${where}\`. Run the code that wrote it, or move the file away to start without its runs.`,
  );
}
