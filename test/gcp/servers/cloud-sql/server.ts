// The Cloud SQL Admin API for tests: it speaks the documented JSON and does the work on real MySQL servers.
import { type Authorize, startHttpServer } from "../http.ts";
import { type Grant, routesOf, type SeenRequest } from "./api.ts";
import { backupMethods } from "./backups.ts";
import { connectMethods } from "./connect-methods.ts";
import { databaseMethods } from "./databases.ts";
import { type Faults, openFaults } from "./faults.ts";
import type { InstanceDefinition } from "./instance.ts";
import { instanceMethods, operationMethods } from "./methods.ts";
import { openOperations } from "./operations.ts";
import { startInstance } from "./running-instance.ts";
import type { Buckets } from "./transfers.ts";

export interface CloudSqlOptions {
  readonly instances: readonly InstanceDefinition[];
  /** The test's Cloud Storage; an instance uses it as its own service account. */
  readonly storage: { as(email: string): Buckets };
  readonly authorize: Authorize;
  readonly grants: readonly Grant[];
  /** How long an operation stays PENDING, in milliseconds. Default: 20. */
  readonly pendingMs?: number;
  /** Where backups are kept. */
  readonly directory: string;
}

export interface CloudSqlServer {
  /** For example `http://127.0.0.1:1234`: no slash at its end. */
  readonly url: string;
  /** The requests that were accepted, in their order. */
  readonly requests: readonly SeenRequest[];
  /** Those that were refused, but for want of a known token. */
  readonly refused: readonly SeenRequest[];
  /** The sessions that were opened through the instances' own addresses, by whose certificate. */
  readonly sessions: readonly { readonly email: string; readonly instance: string }[];
  readonly faults: Faults;
  /** What a busy instance answers with, from now on; 403 is older. */
  busyStatus: 409 | 403;
  /** Cancels what runs, and removes what was made on the MySQL servers. */
  close(): Promise<void>;
}

export async function startCloudSqlServer(options: CloudSqlOptions): Promise<CloudSqlServer> {
  const { storage, authorize, grants } = options;
  const faults = openFaults();
  const [requests, refused]: [SeenRequest[], SeenRequest[]] = [[], []];
  const sessions: { email: string; instance: string }[] = [];
  const instances = await Promise.all(
    options.instances.map((definition) =>
      startInstance(definition, (email) => void sessions.push({ email, instance: definition.name })),
    ),
  );
  const operations = openOperations({
    pendingMs: options.pendingMs ?? 20,
    busyStatus: () => server.busyStatus,
    interfere: faults.interfere,
  });
  const methods = [
    ...instanceMethods(instances, operations, storage),
    ...operationMethods(operations),
    ...databaseMethods(operations),
    ...backupMethods(operations, options.directory),
    ...connectMethods(authorize),
  ];
  const http = await startHttpServer(routesOf(methods, { authorize, grants, faults, instances, requests, refused }));
  const server: CloudSqlServer = {
    url: http.url,
    ...{ requests, refused, sessions, faults },
    busyStatus: 409,
    async close() {
      await http.close();
      await operations.close();
      await Promise.all(instances.map((instance) => instance.close()));
    },
  };
  return server;
}
