// The SQL admin of the gcp world: exports, imports, backups and restores by the Cloud SQL Admin API.
import type { Clock, OperationRequest, SqlAdmin } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import type { CloudAuth } from "../auth.ts";
import type { Endpoints } from "../endpoints.ts";
import { bucketOf } from "../names.ts";
import { type Asked, apiError, mayHaveBeenDone } from "./api-errors.ts";
import { cancelOperation } from "./cancel-operation.ts";
import { pruneBackups } from "./prune-backups.ts";
import { openSqlAdminClient } from "./client.ts";
import { openFacts } from "./facts.ts";
import { findOperation } from "./find-operation.ts";
import { CloudOperation, describeInstance, type InstanceName, operationName, parseOperationName } from "./operation.ts";
import { operationError } from "./operation-errors.ts";
import { askedTo, startOperation } from "./start-operation.ts";

/** How often, and how far apart, an operation is looked for whose request got no answer. It is listed within moments. */
const LOOKS = 3;
const LOOK_MS = 2_000;

/** What a caller needs to look: https://cloud.google.com/sql/docs/mysql/iam-permissions */
const LOOKING = { permission: "cloudsql.instances.get", role: "roles/cloudsql.viewer" };
const LISTING_BACKUPS = { permission: "cloudsql.backupRuns.list", role: "roles/cloudsql.viewer" };
const DELETING_BACKUPS = { permission: "cloudsql.backupRuns.delete", role: "roles/cloudsql.editor" };

export interface CloudSqlAdminOptions {
  readonly auth: CloudAuth;
  readonly endpoints: Pick<Endpoints, "sqlAdmin">;
  readonly clock: Clock;
  /** How long to wait between two looks; Cloud SQL's operations take minutes. */
  readonly poll: SqlAdmin["poll"];
}

export function openCloudSqlAdmin(contract: CloudContract, options: CloudSqlAdminOptions): SqlAdmin {
  const { auth, endpoints, clock, poll } = options;
  const client = openSqlAdminClient(endpoints, auth.google);
  const facts = openFacts(client, auth);
  const { bucket, prefix } = bucketOf(contract);

  function targetOf(request: OperationRequest): { instance: InstanceName; uri: string | undefined } {
    const { project, name } = contract[request.role];
    return {
      instance: { project, name },
      uri: "object" in request ? `gs://${bucket}/${prefix}${request.object}` : undefined,
    };
  }

  /** @throws what `apiError` makes of it */
  async function ask<Answer>(asked: Asked, call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call();
    } catch (error) {
      throw await apiError(error, asked, facts);
    }
  }

  async function find(request: OperationRequest): Promise<string | undefined> {
    const { instance, uri } = targetOf(request);
    const asked = request.type === "backup" ? LISTING_BACKUPS : LOOKING;
    const found = await ask({ instance, ...asked }, () =>
      findOperation({ client, instance, now: clock.now() }, request, uri),
    );
    return found && operationName({ instance, operation: found.name });
  }

  /** For a request that got no answer: it may have started one, and a second one beside it would do harm. */
  async function findLost(request: OperationRequest): Promise<string | undefined> {
    for (let looks = 0; looks < LOOKS; looks++) {
      const name = await find(request);
      if (name !== undefined) return name;
      await clock.sleep(LOOK_MS);
    }
    return undefined;
  }

  /** @throws FatalError `OPERATION_UNKNOWN` */
  async function look(name: string): Promise<CloudOperation> {
    const { instance, operation } = parseOperationName(name);
    const message = `Cloud SQL knows no operation \`${operation}\` on ${describeInstance(instance)} any more. Request a new run.`;
    const asked = { instance, ...LOOKING, missing: { code: "OPERATION_UNKNOWN", message } };
    const { project } = instance;
    return ask(asked, async () => CloudOperation.parse((await client.operations.get({ project, operation })).data));
  }

  return {
    poll,
    find,
    async start(request) {
      const started = await find(request);
      if (started !== undefined) return started;
      const { instance, uri } = targetOf(request);
      if (request.type === "backup") {
        await ask({ instance, ...DELETING_BACKUPS }, () =>
          pruneBackups({ client, clock, lookMs: poll.firstMs }, instance),
        );
      }
      try {
        const { name } = await startOperation(client, instance, request, uri);
        return operationName({ instance, operation: name });
      } catch (error) {
        const lost = mayHaveBeenDone(error) ? await findLost(request) : undefined;
        if (lost !== undefined) return lost;
        throw await apiError(error, askedTo(request, instance, uri), facts);
      }
    },

    async get(name) {
      const operation = await look(name);
      if (operation.status === "PENDING") return { name, status: "PENDING" };
      if (operation.status !== "DONE") return { name, status: "RUNNING" };
      const error = await operationError(operation, facts);
      const backup = operation.backupContext?.backupId;
      // No `generation`: the operation does not tell it, and what a look at the bucket would find may be another's object.
      return { name, status: "DONE", ...(error ? { error } : {}), ...(backup ? { backup } : {}) };
    },

    cancel: (name) => cancelOperation({ client, clock, poll, look, ask }, name),
  };
}
