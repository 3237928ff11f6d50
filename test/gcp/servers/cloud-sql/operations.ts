// Operations: PENDING, RUNNING, DONE; which of them an instance refuses; the list of them.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import { ApiError } from "../http.ts";
import type { InstanceDefinition } from "./instance.ts";

export type OperationResource = sqladmin_v1.Schema$Operation;
export type OperationType =
  "EXPORT" | "IMPORT" | "BACKUP_VOLUME" | "RESTORE_VOLUME" | "DELETE_BACKUP" | "CREATE_DATABASE" | "DELETE_DATABASE";

/** What ends an operation with an error. A code without a message is what Cloud SQL says when it does not know better. */
export class OperationFailure extends Error {
  readonly code: string;
  constructor(code: string, message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OperationFailure";
    this.code = code;
  }
}

export interface NewOperation {
  readonly instance: InstanceDefinition;
  readonly type: OperationType;
  /** Who asked for it. */
  readonly user: string;
  readonly context?: Pick<OperationResource, "exportContext" | "importContext" | "backupContext">;
  /** Throws OperationFailure for an error that the operation ends with; `signal` aborts when it is cancelled. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/** Stands around an operation's work; a test's faults hold it up or end it there. */
export type Interference = (operation: NewOperation, moment: "before" | "after", signal: AbortSignal) => Promise<void>;

interface Running {
  readonly resource: OperationResource;
  readonly instance: InstanceDefinition;
  readonly offloaded: boolean;
  readonly cancelled: AbortController;
  ended: Promise<void>;
}

export interface Operations {
  /** @throws ApiError `operationInProgress` */
  start(operation: NewOperation): OperationResource;
  /** @throws ApiError 404 */
  get(project: string, name: string): OperationResource;
  /** The newest first. */
  list(project: string, instance: string | undefined): OperationResource[];
  /** Imports and exports only: https://cloud.google.com/sql/docs/mysql/import-export/cancel-import-export */
  cancel(project: string, name: string): void;
  /** Cancels what runs and waits for its end. */
  close(): Promise<void>;
}

export function openOperations(options: {
  /** How long an operation stays PENDING. */
  readonly pendingMs: number;
  /** What a busy instance answers with: 409, or 403 as older reports have it. */
  readonly busyStatus: () => 409 | 403;
  readonly interfere: Interference;
}): Operations {
  const all: Running[] = [];

  async function follow(running: Running, operation: NewOperation): Promise<void> {
    const { resource, cancelled } = running;
    const { signal } = cancelled;
    try {
      await sleep(options.pendingMs, undefined, { signal });
      Object.assign(resource, { status: "RUNNING", startTime: now() });
      await options.interfere(operation, "before", signal);
      await operation.work(signal);
      await options.interfere(operation, "after", signal);
    } catch (error) {
      resource.error = errorsOf(signal.aborted ? CANCELLED : error);
    }
    Object.assign(resource, { status: "DONE", endTime: now() });
  }

  function find(project: string, name: string): Running {
    const found = all.find(({ resource }) => resource.name === name && resource.targetProject === project);
    if (found) return found;
    throw new ApiError(404, "The requested operation was not found.", { reason: "operationDoesNotExist" });
  }

  return {
    start(operation) {
      const { instance, type, user, context } = operation;
      const offloaded = context?.exportContext?.offload === true;
      const others = all.filter((other) => other.instance === instance && other.resource.status !== "DONE");
      if (blocks(others, offloaded)) throw inProgress(options.busyStatus());
      const link = `https://sqladmin.googleapis.com/v1/projects/${instance.project}`;
      const name = randomUUID();
      const resource: OperationResource = {
        kind: "sql#operation",
        name,
        status: "PENDING",
        operationType: type,
        user,
        insertTime: now(),
        targetId: instance.name,
        targetProject: instance.project,
        targetLink: `${link}/instances/${instance.name}`,
        selfLink: `${link}/operations/${name}`,
        ...context,
      };
      const running: Running = {
        ...{ resource, instance, offloaded },
        cancelled: new AbortController(),
        ended: Promise.resolve(),
      };
      all.push(running);
      const answer = { ...resource };
      running.ended = follow(running, operation);
      return answer;
    },

    get: (project, name) => find(project, name).resource,
    list: (project, instance) =>
      all
        .map(({ resource }) => resource)
        .filter(({ targetProject, targetId }) => targetProject === project && targetId === (instance ?? targetId))
        .toReversed(),

    cancel(project, name) {
      const { resource, cancelled } = find(project, name);
      if (resource.operationType !== "IMPORT" && resource.operationType !== "EXPORT") {
        throw new ApiError(400, "The operation cannot be cancelled.", { reason: "invalidOperation" });
      }
      if (resource.status !== "DONE") cancelled.abort();
    },

    async close() {
      for (const { cancelled } of all) cancelled.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

/**
 * A serverless export waits for everything; everything else waits for what is no serverless export:
 * https://cloud.google.com/sql/docs/mysql/import-export#serverless
 */
function blocks(others: readonly Running[], offloaded: boolean): boolean {
  return others.some((other) => offloaded || !other.offloaded);
}

export function inProgress(status: 409 | 403): ApiError {
  return new ApiError(
    status,
    "Operation failed because another operation was already in progress. Try your request after the current operation is complete.",
    { reason: "operationInProgress" },
  );
}

/** No page says what a cancelled operation ends with. */
const CANCELLED = new OperationFailure("CANCELLED", "The operation was cancelled.");

function errorsOf(error: unknown): sqladmin_v1.Schema$OperationErrors {
  const { code, message } =
    error instanceof OperationFailure
      ? error
      : { code: "INTERNAL_ERROR", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  return {
    kind: "sql#operationErrors",
    errors: [{ kind: "sql#operationError", code, ...(message === "" ? {} : { message }) }],
  };
}

function now(): string {
  return new Date().toISOString();
}
