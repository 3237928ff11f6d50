// Encrypted streams to instances, by Cloud SQL's connector: it asks for a certificate of an hour and renews it.
import type { AuthTypes, IpAddressTypes } from "@google-cloud/cloud-sql-connector";
import type { WritableRole } from "../../contracts/platform.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import type { SessionOptions } from "../../handlers/mysql/session.ts";
import type { Endpoints } from "./endpoints.ts";
import { connectionName } from "./names.ts";

type Stream = NonNullable<SessionOptions["stream"]>;

export interface Connections {
  /**
   * Calls `use` with streams to a role's instance; once more with a new certificate where one that was kept did not do:
   * a function instance that slept through a renewal wakes up with one that has ended.
   */
  through<Result>(role: WritableRole, use: (stream: Stream) => Promise<Result>): Promise<Result>;
  /** Ends the renewals. Streams stay open. */
  close(): Promise<void>;
}

interface Connection {
  readonly stream: Stream;
  end(): void;
}

/** As in handlers/mysql/session.ts; the connector's own is 30 s. */
const KEEP_ALIVE_DELAY_MS = 10_000;

/**
 * The connector is loaded with the first session: it takes a third of a second.
 *
 * @param told what to throw for what its requests to the Cloud SQL Admin API throw
 */
export function openConnections(
  contract: CloudContract,
  endpoints: Pick<Endpoints, "sqlAdmin">,
  told: (error: unknown, role: WritableRole) => Promise<unknown>,
): Connections {
  const kept = new Map<WritableRole, Promise<Connection>>();

  /** A connector a role: one that has failed is thrown away whole, for it would throw the same error once more. */
  async function connect(role: WritableRole): Promise<Connection> {
    const { Connector } = await import("@google-cloud/cloud-sql-connector");
    const connector = new Connector({ sqlAdminAPIEndpoint: endpoints.sqlAdmin });
    try {
      const { stream } = await connector.getOptions({
        instanceConnectionName: connectionName(contract, role),
        ipType: (contract.network === "psc" ? "PSC" : "PRIVATE") as IpAddressTypes,
        authType: (contract[role].login ? "PASSWORD" : "IAM") as AuthTypes,
      });
      return {
        stream: () => stream().setKeepAlive(true, KEEP_ALIVE_DELAY_MS),
        end: () => connector.close(),
      };
    } catch (error) {
      throw await told(error, role); // there is nothing to close, and closing would leave a rejection that nobody handles
    }
  }

  /** At once: a connector that is not closed in the turn of its failure tries again by itself, and nobody would catch that. */
  async function drop(role: WritableRole, connection: Promise<Connection>): Promise<void> {
    if (kept.get(role) === connection) kept.delete(role);
    await connection.then(
      ({ end }) => end(),
      () => undefined,
    );
  }

  async function attempt<Result>(role: WritableRole, use: (stream: Stream) => Promise<Result>): Promise<Result> {
    const connection = kept.get(role) ?? connect(role);
    kept.set(role, connection);
    try {
      return await use((await connection).stream);
    } catch (error) {
      await drop(role, connection);
      throw error;
    }
  }

  return {
    async through(role, use) {
      const isKept = kept.has(role);
      try {
        return await attempt(role, use);
      } catch (error) {
        // One that has ended is refused at once; a server that does not answer would take as long again.
        if (!isKept || isTimeout(error)) throw error;
        return attempt(role, use);
      }
    },
    async close() {
      await Promise.all([...kept].map(([role, connection]) => drop(role, connection)));
    },
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ETIMEDOUT";
}
