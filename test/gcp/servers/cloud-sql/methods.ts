// Instances and their operations: what the API's methods answer.
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import { ApiError } from "../http.ts";
import { type ApiRequest, INSTANCE, instanceOf, type Methods, pageOf } from "./api.ts";
import { ownDatabases } from "./databases.ts";
import { REFUSALS } from "./faults.ts";
import { instanceResource, serviceAccountOf } from "./instance.ts";
import type { OperationResource, Operations } from "./operations.ts";
import type { RunningInstance } from "./running-instance.ts";
import { type Buckets, checkUri, exportSql, importSql } from "./transfers.ts";

export function instanceMethods(
  instances: readonly RunningInstance[],
  operations: Operations,
  storage: { as(email: string): Buckets },
): Methods {
  const describe = ({ definition, proxy }: RunningInstance) => instanceResource(definition, proxy.address);
  return [
    {
      name: "instances.get",
      route: `GET ${INSTANCE}`,
      permission: "cloudsql.instances.get",
      answer: (request) => describe(instanceOf(request)),
    },
    {
      name: "instances.list",
      route: "GET /projects/:project/instances",
      permission: "cloudsql.instances.list",
      answer(request) {
        const items = instances.filter(({ definition }) => definition.project === request.project).map(describe);
        return { kind: "sql#instancesList", ...pageOf(request, items, ({ name }) => name) };
      },
    },
    {
      name: "instances.export",
      route: `POST ${INSTANCE}/export`,
      permission: "cloudsql.instances.export",
      answer(request) {
        const { definition, backend } = instanceOf(request);
        const { exportContext = {} } = request.body as sqladmin_v1.Schema$InstancesExportRequest;
        refuseOtherThanSql(exportContext.fileType);
        checkUri(exportContext.uri);
        return operations.start({
          ...{ instance: definition, type: "EXPORT", user: request.email },
          context: { exportContext: { kind: "sql#exportContext", ...exportContext } },
          async work(signal) {
            const all = await ownDatabases(instanceOf(request));
            await exportSql(backend, storage.as(serviceAccountOf(definition)), exportContext, all, signal);
          },
        });
      },
    },
    {
      name: "instances.import",
      route: `POST ${INSTANCE}/import`,
      permission: "cloudsql.instances.import",
      answer(request) {
        const { definition, backend } = instanceOf(request);
        const { importContext = {} } = request.body as sqladmin_v1.Schema$InstancesImportRequest;
        refuseOtherThanSql(importContext.fileType);
        checkUri(importContext.uri);
        return operations.start({
          ...{ instance: definition, type: "IMPORT", user: request.email },
          context: { importContext: { kind: "sql#importContext", ...importContext } },
          work: (signal) => importSql(backend, storage.as(serviceAccountOf(definition)), importContext, signal),
        });
      },
    },
  ];
}

function refuseOtherThanSql(fileType: string | null | undefined): void {
  if (fileType === "SQL") return;
  throw new ApiError(400, `Invalid request: the file type \`${fileType}\` is not known here.`, { reason: "invalid" });
}

export function operationMethods(operations: Operations): Methods {
  const nameOf = ({ name }: OperationResource) => name;
  return [
    {
      name: "operations.get",
      route: "GET /projects/:project/operations/:operation",
      permission: "cloudsql.instances.get",
      answer(request) {
        const operation = operations.get(request.project, request.call.param("operation"));
        return allowed(request, operation, "cloudsql.instances.get");
      },
    },
    {
      name: "operations.list",
      route: "GET /projects/:project/operations",
      permission: "cloudsql.instances.get",
      answer(request) {
        const found = operations.list(request.project, request.instance?.definition.name);
        return { kind: "sql#operationsList", ...pageOf(request, found, nameOf) };
      },
    },
    {
      name: "operations.cancel",
      route: "POST /projects/:project/operations/:operation/cancel",
      // No page says which permission it takes: here the one that it took to start it.
      answer(request) {
        const operation = operations.get(request.project, request.call.param("operation"));
        const verb = operation.operationType === "EXPORT" ? "export" : "import";
        allowed(request, operation, `cloudsql.instances.${verb}`);
        operations.cancel(request.project, request.call.param("operation"));
        return {};
      },
    },
  ];
}

/** @throws ApiError 403 where the caller has no such permission on the operation's instance */
function allowed({ email, may }: ApiRequest, operation: OperationResource, permission: string): OperationResource {
  if (may({ email, permission, instance: operation.targetId ?? "" })) return operation;
  throw REFUSALS.notAuthorized();
}
