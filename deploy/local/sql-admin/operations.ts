// The operations in the state file: what was started, who runs it, how it ended.
import { z } from "zod";
import type { Operation, OperationError, OperationRequest } from "../../../contracts/platform.ts";
import { type ProcessIdentity, thisProcess } from "../process-identity.ts";
import type { State } from "../state.ts";

export const INTERRUPTED: OperationError = {
  code: "OPERATION_INTERRUPTED",
  message: "The operation's process ended before the operation did. It is started again.",
  retryable: true,
};
export const CANCELLED: OperationError = {
  code: "OPERATION_CANCELLED",
  message: "The operation was cancelled. Start a new run when you want one.",
  retryable: false,
};

const Result = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), retryable: z.boolean() }).optional(),
  backup: z.string().optional(),
  generation: z.string().optional(),
});

const Row = z.object({
  name: z.string(),
  status: z.enum(["PENDING", "RUNNING", "DONE"]),
  starter: z.string(),
  runner: z.string().nullable(),
  result: z.string().nullable(),
});
export type OperationRow = z.infer<typeof Row>;

export interface Operations {
  get(name: string): OperationRow | undefined;
  byKey(key: string): OperationRow | undefined;
  /** Those of an instance that have not ended. */
  unfinished(instance: string): OperationRow[];
  /** Records one before its runner exists. */
  insert(name: string, instance: string, request: OperationRequest): void;
  /** Makes this process its runner. False when somebody has given it up already. */
  claim(name: string): boolean;
  /** Ends it, unless it has ended: the first result stays. */
  finish(name: string, result: z.infer<typeof Result>): void;
  /** Ends it unless a runner has claimed it. Returns whether it did. */
  finishUnclaimed(name: string, error: OperationError): boolean;
}

export function openOperations({ database }: State): Operations {
  const read = (where: string, value: string) =>
    z.array(Row).parse(database.prepare(`SELECT * FROM operations WHERE ${where}`).all(value));
  const end = (where: string, name: string, result: z.infer<typeof Result>) =>
    database
      .prepare(`UPDATE operations SET status = 'DONE', result = ?, ended_at = ? WHERE name = ? AND ${where}`)
      .run(JSON.stringify(result), new Date().toISOString(), name).changes === 1;
  return {
    get: (name) => read("name = ?", name)[0],
    byKey: (key) => read("key = ?", key)[0],
    unfinished: (instance) => read("instance = ? AND status <> 'DONE'", instance),
    insert(name, instance, { key, type }) {
      database
        .prepare(
          `INSERT INTO operations (name, key, instance, type, status, starter, created_at)
           VALUES (?, ?, ?, ?, 'PENDING', ?, ?)`,
        )
        .run(name, key, instance, type, thisProcess, new Date().toISOString());
    },
    claim: (name) =>
      database
        .prepare("UPDATE operations SET status = 'RUNNING', runner = ? WHERE name = ? AND status = 'PENDING'")
        .run(thisProcess, name).changes === 1,
    finish: (name, result) => void end("status <> 'DONE'", name, result),
    finishUnclaimed: (name, error) => end("status = 'PENDING'", name, { error }),
  };
}

export function asOperation({ name, status, result }: OperationRow): Operation {
  if (status !== "DONE") return { name, status };
  const { error, backup, generation } = Result.parse(JSON.parse(result ?? "{}"));
  return {
    ...{ name, status },
    ...(error ? { error } : {}),
    ...(backup === undefined ? {} : { backup }),
    ...(generation === undefined ? {} : { generation }),
  };
}

/** Who is to be asked whether an operation still goes on. */
export function runnerOf({ runner, starter }: OperationRow): ProcessIdentity {
  return runner ?? starter;
}
