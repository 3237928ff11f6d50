// Instances and their operations, databases and users: what the API's methods answer.
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import type { RowDataPacket } from "mysql2/promise";
import { ApiError } from "../http.ts";
import { type ApiRequest, type Method, pageOf } from "./api.ts";
import { type InstanceDefinition, instanceResource, serviceAccountOf } from "./instance.ts";
import type { Backend } from "./mysql.ts";
import type { OperationResource, Operations } from "./operations.ts";
import { type Buckets, checkUri, exportSql, importSql } from "./transfers.ts";

/** An instance that is up. */
export interface RunningInstance {
  readonly definition: InstanceDefinition;
  readonly backend: Backend;
  /** The loopback address where it takes connections. */
  readonly address: string;
}

type Request = ApiRequest<RunningInstance>;
export type Methods = readonly Method<RunningInstance>[];

const INSTANCE = "/projects/:project/instances/:instance";

/** The instance of a route that names one. */
export function instanceOf({ instance }: Request): RunningInstance {
  if (instance) return instance;
  throw new Error("The route names no instance.");
}

export function instanceMethods(
  instances: readonly RunningInstance[],
  operations: Operations,
  storage: { as(email: string): Buckets },
): Methods {
  const describe = ({ definition, address }: RunningInstance) => instanceResource(definition, address);
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
      answer: ({ call, project }) => operations.get(project, call.param("operation")),
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
      permission: "cloudsql.instances.import",
      answer({ call, project }) {
        operations.cancel(project, call.param("operation"));
        return {};
      },
    },
  ];
}

export function databaseMethods(operations: Operations): Methods {
  return [
    {
      name: "databases.list",
      route: `GET ${INSTANCE}/databases`,
      permission: "cloudsql.databases.list",
      async answer(request) {
        const items = await databasesOf(instanceOf(request));
        return { kind: "sql#databasesList", items };
      },
    },
    {
      name: "databases.get",
      route: `GET ${INSTANCE}/databases/:database`,
      permission: "cloudsql.databases.get",
      answer: (request) => existing(request),
    },
    {
      name: "databases.insert",
      route: `POST ${INSTANCE}/databases`,
      permission: "cloudsql.databases.create",
      async answer(request) {
        const { definition, backend } = instanceOf(request);
        const { name, charset, collation } = request.body as sqladmin_v1.Schema$Database;
        if (!name) throw new ApiError(400, "Missing parameter: Database name.", { reason: "required" });
        const there = await databasesOf(instanceOf(request));
        if (there.some((database) => database.name === name)) throw alreadyExists(name);
        return operations.start({
          ...{ instance: definition, type: "CREATE_DATABASE", user: request.email },
          work: () =>
            backend.asAdmin(async (admin) => {
              await admin.query("CREATE DATABASE ?? CHARACTER SET ??", [name, charset ?? "utf8mb4"]);
              if (collation) await admin.query("ALTER DATABASE ?? COLLATE ??", [name, collation]);
            }),
        });
      },
    },
    {
      name: "databases.delete",
      route: `DELETE ${INSTANCE}/databases/:database`,
      permission: "cloudsql.databases.delete",
      async answer(request) {
        const { definition, backend } = instanceOf(request);
        const { name } = await existing(request);
        return operations.start({
          ...{ instance: definition, type: "DELETE_DATABASE", user: request.email },
          work: () => backend.asAdmin(async (admin) => void (await admin.query("DROP DATABASE ??", [name]))),
        });
      },
    },
    {
      name: "users.list",
      route: `GET ${INSTANCE}/users`,
      permission: "cloudsql.users.list",
      answer: async (request) => ({ kind: "sql#usersList", items: await usersOf(instanceOf(request)) }),
    },
  ];
}

async function existing(request: Request): Promise<sqladmin_v1.Schema$Database> {
  const name = request.call.param("database");
  const found = (await databasesOf(instanceOf(request))).find((database) => database.name === name);
  if (found) return found;
  throw new ApiError(404, `Invalid request: Database ${name} does not exist.`, { reason: "notFound" });
}

function alreadyExists(name: string): ApiError {
  return new ApiError(400, `Invalid request: Database ${name} already exists.`, { reason: "databaseAlreadyExists" });
}

const SYSTEM = ["mysql", "information_schema", "performance_schema", "sys"];

/** The user's databases. */
export async function ownDatabases(instance: RunningInstance): Promise<string[]> {
  const all = await databasesOf(instance);
  return all.flatMap(({ name }) => (name && !SYSTEM.includes(name) ? [name] : []));
}

async function databasesOf({ definition, backend }: RunningInstance): Promise<sqladmin_v1.Schema$Database[]> {
  const { project, name: instance, owns = () => true } = definition;
  const [rows] = await backend.asAdmin((admin) =>
    admin.query<RowDataPacket[]>(
      `SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation
       FROM information_schema.SCHEMATA ORDER BY name`,
    ),
  );
  return rows
    .map(({ name, charset, collation }) => ({
      name: String(name),
      charset: String(charset),
      collation: String(collation),
    }))
    .filter(({ name }) => SYSTEM.includes(name) || owns(name))
    .map((database) => ({ kind: "sql#database", project, instance, ...database }));
}

async function usersOf({ definition, backend }: RunningInstance): Promise<sqladmin_v1.Schema$User[]> {
  const { project, name: instance, iamUsers = [] } = definition;
  const [rows] = await backend.asAdmin((admin) =>
    admin.query<RowDataPacket[]>("SELECT User AS name, Host AS host FROM mysql.user WHERE Host = '%'"),
  );
  const builtIn = rows.map(({ name, host }) => ({ name: String(name), host: String(host) }));
  return [
    ...builtIn
      .filter(({ name }) => !name.startsWith("cloudsql"))
      .map((user) => ({ kind: "sql#user", project, instance, type: "BUILT_IN", ...user })),
    ...iamUsers.map(({ email }) => ({
      ...{ kind: "sql#user", project, instance, host: "%" },
      ...{ type: "CLOUD_IAM_SERVICE_ACCOUNT", name: iamUserName(email), iamEmail: email },
    })),
  ];
}

/** Cloud SQL cuts a service account's name at the `@`: https://cloud.google.com/sql/docs/mysql/add-manage-iam-users */
export function iamUserName(email: string): string {
  return email.replace(/@.*/s, "");
}
