// Sessions on the contract's three servers, and what it means when one cannot be opened.
import { FatalError, RetryAfter } from "../../contracts/errors.ts";
import type { Databases, Role, Secrets } from "../../contracts/platform.ts";
import type { ServerInstance, ServersContract } from "../../contracts/sync-contract.ts";
import { connectionTrouble } from "../../handlers/mysql/connection-errors.ts";
import { openReadSession, openWriteSession, type SessionOptions } from "../../handlers/mysql/session.ts";
import { dataRoom } from "./data-room.ts";

/** A server that restarts is back in seconds. */
export const UNREACHABLE_RETRY_MS = 1_000;

export function openDatabases(contract: ServersContract, secrets: Secrets): Databases {
  async function open<Role_ extends Role, Session>(
    role: Role_,
    openSession: (role: Role_, options: SessionOptions) => Promise<Session>,
  ): Promise<Session> {
    const { host, port, user, password } = contract[role];
    const options = { host, port, user, password: await secrets.read(password) };
    try {
      return await openSession(role, options);
    } catch (error) {
      throw connectionError(role, contract[role], error);
    }
  }
  return {
    readable: ["production", "replica", "staging"],
    async identify(role) {
      const session = await open(role, openReadSession);
      await session.close();
      return session.server;
    },
    read: (role) => open(role, openReadSession),
    write: (role) => open(role, openWriteSession),
    room: dataRoom,
  };
}

/** @returns RetryAfter MYSQL_UNREACHABLE, FatalError MYSQL_ACCESS_DENIED, or the error itself where it is neither. */
export function connectionError<Cause>(
  role: Role,
  { host, port, user }: Pick<ServerInstance, "host" | "port" | "user">,
  error: Cause,
): Cause | FatalError | RetryAfter {
  const trouble = connectionTrouble(error);
  if (!trouble) return error;
  const server = `The ${role} server at \`${host}:${port}\``;
  if (trouble.kind === "unreachable") {
    const message = `${server} cannot be reached (${trouble.code}). Start it, or correct \`${role}.host\` and \`${role}.port\` in sync.yaml.`;
    return new RetryAfter("MYSQL_UNREACHABLE", UNREACHABLE_RETRY_MS, message, { cause: error });
  }
  const message = `${server} does not let \`${user}\` in (${trouble.code}). Correct \`${role}.user\`, the secret of \`${role}.password\`, or the account, then replay the run.`;
  return new FatalError("MYSQL_ACCESS_DENIED", message, { cause: error });
}
