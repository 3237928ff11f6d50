// The four long jobs as requests to the API.
import type { OperationRequest } from "../../../contracts/platform.ts";
import type { Asked } from "./api-errors.ts";
import type { SqlAdminClient } from "./client.ts";
import { CloudOperation, type InstanceName } from "./operation.ts";

/** Posts the request. `uri` is that of its object, for an export or an import. */
export async function startOperation(
  client: SqlAdminClient,
  { project, name: instance }: InstanceName,
  request: OperationRequest,
  uri = "",
): Promise<CloudOperation> {
  const target = { project, instance };
  switch (request.type) {
    case "export": {
      const exportContext = {
        fileType: "SQL",
        uri,
        databases: [request.database],
        // Production is left free to work, by a temporary instance; that takes five minutes more and costs. Nobody else
        // works on the replica: https://cloud.google.com/sql/docs/mysql/import-export#serverless
        offload: request.role === "production",
      };
      return CloudOperation.parse((await client.instances.export({ ...target, requestBody: { exportContext } })).data);
    }
    case "import": {
      const importContext = { fileType: "SQL", uri, database: request.database };
      return CloudOperation.parse((await client.instances.import({ ...target, requestBody: { importContext } })).data);
    }
    case "backup": {
      const requestBody = { description: request.key };
      return CloudOperation.parse((await client.backupRuns.insert({ ...target, requestBody })).data);
    }
    case "restore": {
      const restoreBackupContext = { backupRunId: request.backup, instanceId: instance, project };
      const requestBody = { restoreBackupContext };
      return CloudOperation.parse((await client.instances.restoreBackup({ ...target, requestBody })).data);
    }
  }
}

/** What a caller needs for each: https://cloud.google.com/sql/docs/mysql/iam-permissions */
const PERMISSIONS = {
  export: { permission: "cloudsql.instances.export", role: "roles/cloudsql.editor" },
  import: { permission: "cloudsql.instances.import", role: "roles/cloudsql.editor" },
  backup: { permission: "cloudsql.backupRuns.create", role: "roles/cloudsql.editor" },
  restore: { permission: "cloudsql.instances.restoreBackup", role: "roles/cloudsql.admin" },
} as const;

/** The request in the words of an error. */
export function askedTo(request: OperationRequest, instance: InstanceName, uri: string | undefined): Asked {
  const { type, database } = request;
  return {
    instance,
    ...PERMISSIONS[type],
    ...(uri === undefined ? {} : { uri, database }),
    ...(type === "restore" ? { missing: backupMissing(request.backup, instance) } : {}),
  };
}

function backupMissing(backup: string, { project, name }: InstanceName) {
  return {
    code: "BACKUP_MISSING",
    message: `There is no backup \`${backup}\` of instance \`${name}\`: it was deleted, or it is another instance's. \`gcloud sql backups list --instance=${name} --project=${project}\` lists those that there are.`,
  };
}
