// The SQL admin: operations in processes of their own, which go on when the pipeline's process ends.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import type { OperationRequest, Role, Secrets, SqlAdmin, WritableRole } from "../../../contracts/platform.ts";
import type { ServersContract } from "../../../contracts/sync-contract.ts";
import type { LocalObjectStore } from "../object-store.ts";
import { isAlive, pidOf } from "../process-identity.ts";
import type { State } from "../state.ts";
import type { Job } from "./job.ts";
import { asOperation, CANCELLED, INTERRUPTED, openOperations, type OperationRow, runnerOf } from "./operations.ts";

const BUSY_RETRY_MS = 2_000;
const POLL_MS = 20;
/** How long a runner waits for a job before it ends; one that has none holds memory. */
const SPARE_MS = 60_000;
/** How long a runner may take to stop before it is killed. */
const CANCEL_MS = 5_000;

const RUNNER = join(import.meta.dirname, "run-operation.ts");

/** Who loads what is exported from here. */
const READERS: Readonly<Partial<Record<Role, WritableRole>>> = { production: "replica", replica: "staging" };

/** A small young generation: rows are garbage at once, and a runner has a machine to share with MySQL. */
const NODE_OPTIONS = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=8"];

/** What a runner and its tools need of the environment; the rest may hold secrets that are none of theirs. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "UNDERSTUDY_MYSQL_BIN"];

export interface LocalSqlAdmin extends SqlAdmin {
  /** Begins a runner before its job is known: what it loads before it can work takes as long as a small dump. */
  haveSpare(): void;
}

export function openSqlAdmin(
  contract: ServersContract,
  options: {
    readonly state: State;
    readonly secrets: Secrets;
    readonly objects: Pick<LocalObjectStore, "directory" | "removeUnfinished">;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): LocalSqlAdmin {
  const { state, secrets, objects, environment } = options;
  const operations = openOperations(state);
  const passedOn = {
    ...Object.fromEntries(PASSED_ON.map((name) => [name, environment[name]])),
    // A runner starts in half the time when its modules need not be compiled again.
    NODE_COMPILE_CACHE: environment["NODE_COMPILE_CACHE"] ?? join(dirname(state.path), "compile-cache"),
  };

  /** Ends an operation whose runner is dead. The tools may live on for a moment: they end first. */
  async function settle(row: OperationRow): Promise<void> {
    if (row.status === "DONE" || isAlive(runnerOf(row))) return;
    if (row.runner !== null) await killGroup(pidOf(row.runner));
    await objects.removeUnfinished();
    operations.finish(row.name, { error: INTERRUPTED });
  }

  /** Records the operation, alone among all processes. Returns its name, and whether it is new. */
  function record(name: string, instance: string, request: OperationRequest): { name: string; isNew: boolean } {
    return state.transaction(() => {
      const adopted = operations.byKey(request.key);
      if (adopted) return { name: adopted.name, isNew: false };
      if (operations.unfinished(instance).length > 0) {
        throw new RetryAfter(
          "OPERATION_IN_PROGRESS",
          BUSY_RETRY_MS,
          `Another operation runs on the ${request.role} server \`${instance}\`. The stage tries again when it may have ended.`,
          { busy: true },
        );
      }
      operations.insert(name, instance, request);
      return { name, isNew: true };
    });
  }

  let spare: ChildProcess | undefined;

  function haveSpare(): void {
    if (spare) return;
    const child = startRunner();
    spare = child;
    setTimeout(() => {
      if (spare !== child) return;
      spare = undefined;
      child.kill();
    }, SPARE_MS).unref();
  }

  function startRunner(): ChildProcess {
    const child = spawn(process.execPath, [...NODE_OPTIONS, RUNNER], {
      detached: true, // a session and process group of its own
      stdio: ["pipe", "ignore", "ignore"],
      env: passedOn,
    });
    child.on("error", () => undefined); // not started: it closes
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    return child;
  }

  async function run(job: Job): Promise<void> {
    const isReady = spare?.exitCode === null && spare.signalCode === null;
    const child = isReady && spare ? spare : startRunner();
    spare = undefined;
    // Where it ends before it has claimed the operation, nobody else would notice while this process lives.
    child.once("close", () => {
      if (!state.database.isOpen) return;
      operations.finishUnclaimed(job.operation, INTERRUPTED);
      haveSpare();
    });
    await hand(child, JSON.stringify(job));
    haveSpare(); // after an export comes an import or a backup, at once
  }

  async function serverOf(role: Role): Promise<Job["server"]> {
    const { host, port, user, password } = contract[role];
    return { host, port, user, password: await secrets.read(password) };
  }

  return {
    // A look at the state file costs nothing, and what an operation ends late by is the run's.
    poll: { firstMs: 10, longestMs: 25 },
    haveSpare,
    async find({ key }) {
      const name = operations.byKey(key)?.name;
      if (name === undefined) haveSpare(); // who looks in vain is about to start one
      return name;
    },
    async start(request) {
      const server = await serverOf(request.role);
      const instance = `${server.host}:${server.port}`;
      const reader = request.type === "export" ? READERS[request.role] : undefined;
      for (const row of operations.unfinished(instance)) await settle(row);
      const { name, isNew } = record(randomUUID(), instance, request);
      if (!isNew) return name;
      await run({
        operation: name,
        type: request.type,
        statePath: state.path,
        dumps: objects.directory,
        role: request.role,
        server,
        database: request.database,
        object: objectOf(request),
        ...(reader ? { reader: { role: reader, ...(await serverOf(reader)) } } : {}),
      });
      return name;
    },

    async get(name) {
      await settle(known(name));
      return asOperation(known(name));
    },

    async cancel(name) {
      if (operations.finishUnclaimed(name, CANCELLED)) return;
      const runner = runnerOf(known(name));
      if (isAlive(runner)) process.kill(pidOf(runner), "SIGTERM");
      for (let waited = 0; known(name).status !== "DONE" && waited < CANCEL_MS; waited += POLL_MS) {
        await sleep(POLL_MS);
        await settle(known(name));
      }
      if (known(name).status === "DONE") return;
      await killGroup(pidOf(runner));
      await objects.removeUnfinished();
      operations.finish(name, { error: CANCELLED });
    },
  };

  function known(name: string): OperationRow {
    const row = operations.get(name);
    if (row) return row;
    throw new FatalError(
      "OPERATION_UNKNOWN",
      `The operation \`${name}\` is not in \`${state.path}\`. Start a new run.`,
    );
  }
}

function objectOf(request: OperationRequest): string {
  if (request.type === "backup") return backupObject(request.database);
  return request.type === "restore" ? request.backup : request.object;
}

/** The newest sorts last. */
function backupObject(database: string): string {
  const digits = new Date().toISOString().replaceAll(/\D/g, "");
  return `backups/${digits.slice(0, 8)}-${digits.slice(8, 14)}-${digits.slice(14, 17)}-${database}.sql.gz`;
}

/** Resolves when the child has been given all of it, or has ended. */
async function hand(child: ChildProcess, text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.stdin?.once("error", () => resolve());
    child.stdin?.end(text, () => resolve());
  });
}

/** Kills a runner and its tools, and resolves when none is left. Its number stays theirs while one of them lives. */
async function killGroup(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      return; // no such group
    }
    await sleep(POLL_MS);
  }
}
