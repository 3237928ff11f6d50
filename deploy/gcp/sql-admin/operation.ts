// An operation as the API tells of it, and the name under which the pipeline notes it.
import { z } from "zod";
import { FatalError } from "../../../contracts/errors.ts";
import type { OperationRequest } from "../../../contracts/platform.ts";

/** https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/operations#Operation: the part of it that we read. */
export const CloudOperation = z.object({
  name: z.string(),
  /** Cloud SQL may have others one day, and has SQL_OPERATION_STATUS_UNSPECIFIED: an operation that has not ended. */
  status: z.string(),
  operationType: z.string().nullish(),
  targetProject: z.string().nullish(),
  targetId: z.string().nullish(),
  insertTime: z.string().nullish(),
  error: z
    .object({
      errors: z.array(z.object({ code: z.string().nullish(), message: z.string().nullish() })).nullish(),
    })
    .nullish(),
  exportContext: z.object({ uri: z.string().nullish(), databases: z.array(z.string()).nullish() }).nullish(),
  importContext: z.object({ uri: z.string().nullish(), database: z.string().nullish() }).nullish(),
  backupContext: z.object({ backupId: z.string().nullish() }).nullish(),
});
export type CloudOperation = z.infer<typeof CloudOperation>;

/** The API's word for each of ours. */
export const OPERATION_TYPES = {
  export: "EXPORT",
  import: "IMPORT",
  backup: "BACKUP_VOLUME",
  restore: "RESTORE_VOLUME",
} as const satisfies Record<OperationRequest["type"], string>;

/** An instance as the API finds it. */
export interface InstanceName {
  readonly project: string;
  readonly name: string;
}

/** Where an operation is looked at, and the instance for the words of an error. */
export interface OperationPlace {
  readonly instance: InstanceName;
  /** The API's own name for it. */
  readonly operation: string;
}

/** As the pipeline notes it: `projects/PROJECT/instances/INSTANCE/operations/ID`. */
export function operationName({ instance, operation }: OperationPlace): string {
  return `projects/${instance.project}/instances/${instance.name}/operations/${operation}`;
}

/** @throws FatalError `OPERATION_UNKNOWN` for the name of another world's operation. */
export function parseOperationName(noted: string): OperationPlace {
  const [, project, name, operation] = /^projects\/([^/]+)\/instances\/([^/]+)\/operations\/([^/]+)$/.exec(noted) ?? [];
  if (project !== undefined && name !== undefined && operation !== undefined) {
    return { instance: { project, name }, operation };
  }
  throw new FatalError("OPERATION_UNKNOWN", `\`${noted}\` is no operation of Cloud SQL. Request a new run.`);
}

/** In the words of an error. */
export function describeInstance({ project, name }: InstanceName): string {
  return `instance \`${name}\` of project \`${project}\``;
}
