// Databases and users of an instance: what the API's methods answer.
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import type { RowDataPacket } from "mysql2/promise";
import { ApiError } from "../http.ts";
import { type ApiRequest, INSTANCE, instanceOf, type Methods } from "./api.ts";
import { iamUserName } from "./instance.ts";
import type { Operations } from "./operations.ts";
import type { RunningInstance } from "./running-instance.ts";

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

async function existing(request: ApiRequest): Promise<sqladmin_v1.Schema$Database> {
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
