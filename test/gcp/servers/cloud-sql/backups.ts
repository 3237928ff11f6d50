// Backups: a real dump of all of an instance's databases, kept in a directory, and put back by a restore.
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import { ApiError } from "../http.ts";
import { type ApiRequest, INSTANCE, instanceOf, type Methods, pageOf } from "./api.ts";
import { ownDatabases } from "./databases.ts";
import type { Operations } from "./operations.ts";
import type { RunningInstance } from "./running-instance.ts";
import { settled } from "./transfers.ts";

interface Backup {
  readonly instance: RunningInstance;
  readonly path: string;
  readonly resource: sqladmin_v1.Schema$BackupRun;
}

export function backupMethods(operations: Operations, directory: string): Methods {
  const backups: Backup[] = [];
  const isThere = ({ resource }: Backup) => resource.status !== "DELETED";
  const idOf = ({ id }: sqladmin_v1.Schema$BackupRun) => id;

  /** @throws ApiError 404 */
  function find(instance: RunningInstance, id: string | null | undefined): Backup {
    const found = backups.find((backup) => backup.instance === instance && backup.resource.id === id);
    if (found && isThere(found)) return found;
    throw new ApiError(404, "The backup run does not exist.", { reason: "backupRunDoesNotExist" });
  }

  function begin(request: ApiRequest): sqladmin_v1.Schema$Operation {
    const instance = instanceOf(request);
    const { definition } = instance;
    const { description } = request.body as sqladmin_v1.Schema$BackupRun;
    const id = String(Date.now() * 1000 + backups.length);
    const resource: sqladmin_v1.Schema$BackupRun = {
      ...{ kind: "sql#backupRun", id, instance: definition.name, type: "ON_DEMAND", backupKind: "SNAPSHOT" },
      ...{ status: "ENQUEUED", enqueuedTime: now(), location: definition.region },
      ...(description ? { description } : {}),
      selfLink: `https://sqladmin.googleapis.com/v1/projects/${definition.project}/instances/${definition.name}/backupRuns/${id}`,
    };
    const backup = { instance, resource, path: join(directory, `backup-${id}.sql`) };
    const operation = operations.start({
      ...{ instance: definition, type: "BACKUP_VOLUME", user: request.email },
      context: { backupContext: { kind: "sql#backupContext", backupId: id } },
      async work(signal) {
        Object.assign(resource, { status: "RUNNING", startTime: now(), windowStartTime: now() });
        try {
          await dumpAll(backup, signal);
          Object.assign(resource, { status: "SUCCESSFUL", endTime: now() });
        } catch (error) {
          Object.assign(resource, { status: "FAILED", endTime: now() });
          throw error;
        }
      },
    });
    backups.push(backup);
    return operation;
  }

  return [
    {
      name: "backupRuns.insert",
      route: `POST ${INSTANCE}/backupRuns`,
      permission: "cloudsql.backupRuns.create",
      answer: begin,
    },
    {
      name: "backupRuns.list",
      route: `GET ${INSTANCE}/backupRuns`,
      permission: "cloudsql.backupRuns.list",
      answer(request) {
        const mine = backups.filter((backup) => backup.instance === instanceOf(request) && isThere(backup));
        const newestFirst = mine.map(({ resource }) => resource).toReversed();
        return { kind: "sql#backupRunsList", ...pageOf(request, newestFirst, idOf) };
      },
    },
    {
      name: "backupRuns.get",
      route: `GET ${INSTANCE}/backupRuns/:id`,
      permission: "cloudsql.backupRuns.get",
      answer: (request) => find(instanceOf(request), request.call.param("id")).resource,
    },
    {
      name: "backupRuns.delete",
      route: `DELETE ${INSTANCE}/backupRuns/:id`,
      permission: "cloudsql.backupRuns.delete",
      answer(request) {
        const { definition } = instanceOf(request);
        const { resource, path } = find(instanceOf(request), request.call.param("id"));
        return operations.start({
          ...{ instance: definition, type: "DELETE_BACKUP", user: request.email },
          context: { backupContext: { kind: "sql#backupContext", ...(resource.id ? { backupId: resource.id } : {}) } },
          async work() {
            resource.status = "DELETED";
            await rm(path, { force: true });
          },
        });
      },
    },
    {
      name: "instances.restoreBackup",
      route: `POST ${INSTANCE}/restoreBackup`,
      permission: "cloudsql.instances.restoreBackup",
      answer(request) {
        const instance = instanceOf(request);
        const { restoreBackupContext = {} } = request.body as sqladmin_v1.Schema$InstancesRestoreBackupRequest;
        const backup = find(instance, restoreBackupContext.backupRunId);
        if (backup.resource.status !== "SUCCESSFUL") {
          throw new ApiError(400, "The backup run was not successful.", { reason: "invalidOperation" });
        }
        return operations.start({
          ...{ instance: instance.definition, type: "RESTORE_VOLUME", user: request.email },
          work: (signal) => restore(backup, signal),
        });
      },
    },
  ];
}

async function dumpAll({ instance, path }: Backup, signal: AbortSignal): Promise<void> {
  const { backend } = instance;
  await mkdir(join(path, ".."), { recursive: true });
  const databases = await ownDatabases(instance);
  if (databases.length === 0) return pipeline([""], createWriteStream(path));
  const options = ["--single-transaction", "--hex-blob", "--loose-set-gtid-purged=OFF"];
  const everything = ["--triggers", "--routines", "--events", "--databases", ...databases];
  const { child, ended } = backend.run("dump", backend.server, [...options, ...everything], signal);
  await pipeline(child.stdout as NodeJS.ReadableStream, createWriteStream(path));
  await settled(ended);
}

/** All of the instance's databases become what they were; one that came later is gone. A disk has no privileges. */
async function restore({ instance, path }: Backup, signal: AbortSignal): Promise<void> {
  const { backend } = instance;
  const databases = await ownDatabases(instance);
  await backend.asAdmin(async (admin) => {
    for (const database of databases) await admin.query("DROP DATABASE ??", [database]);
  });
  const { child, ended } = backend.run("client", backend.server, ["--binary-mode"], signal);
  child.stdout?.resume();
  await pipeline(createReadStream(path), child.stdin as NodeJS.WritableStream);
  await settled(ended);
}

function now(): string {
  return new Date().toISOString();
}
