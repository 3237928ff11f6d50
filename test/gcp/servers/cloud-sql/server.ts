// The Cloud SQL Admin API for tests: it speaks the documented JSON and does the work on real MySQL servers.
import { type Authorize, startHttpServer } from "../http.ts";
import { type Grant, routesOf, type SeenRequest } from "./api.ts";
import { type Faults, openFaults } from "./faults.ts";
import type { InstanceDefinition } from "./instance.ts";
import { databaseMethods, instanceMethods, operationMethods, type RunningInstance } from "./methods.ts";
import { openBackend } from "./mysql.ts";
import { openOperations } from "./operations.ts";
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
  /** For `rootUrl`: `http://127.0.0.1:1234/`. */
  readonly url: string;
  /** The requests that were accepted, in their order. */
  readonly requests: readonly SeenRequest[];
  /** Those that were refused, but for want of a known token. */
  readonly refused: readonly SeenRequest[];
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
  const instances = await Promise.all(options.instances.map(startInstance));
  const operations = openOperations({
    pendingMs: options.pendingMs ?? 20,
    busyStatus: () => server.busyStatus,
    interfere: faults.interfere,
  });
  const methods = [
    ...instanceMethods(instances, operations, storage),
    ...operationMethods(operations),
    ...databaseMethods(operations),
  ];
  const http = await startHttpServer(routesOf(methods, { authorize, grants, faults, instances, requests, refused }));
  const server: CloudSqlServer = {
    url: `${http.url}/`,
    ...{ requests, refused, faults },
    busyStatus: 409,
    async close() {
      await http.close();
      await operations.close();
      await Promise.all(instances.map(({ backend }) => backend.close()));
    },
  };
  return server;
}

async function startInstance(definition: InstanceDefinition): Promise<RunningInstance> {
  return { definition, backend: await openBackend(definition.server), address: "127.0.0.1" };
}
