// `understudy doctor` in the local world: three servers and this machine, asked what a run would ask them.
import { resolve } from "node:path";
import { isFatal, isRetryAfter, summarizeError } from "../../contracts/errors.ts";
import { examine, type Finding, unknown, type Verdict } from "../../contracts/examination.ts";
import type { Databases, Platform, ReadSession, Role } from "../../contracts/platform.ts";
import type { ServersContract } from "../../contracts/sync-contract.ts";
import { dataChecks } from "./doctor/data.ts";
import { machineChecks } from "./doctor/machine.ts";
import { serverChecks } from "./doctor/servers.ts";

export interface Examined {
  readonly platform: Platform;
  readonly contract: ServersContract;
  /** One for each role, opened when it is first asked for. All checks share it, and the error where it cannot be opened. */
  session(role: Role): Promise<ReadSession>;
}

/** Examines a local pipeline. Reads only. */
export async function* examineLocal(
  platform: Platform,
  contract: ServersContract,
  { baseDirectory }: { readonly baseDirectory: string },
): AsyncGenerator<Finding, void> {
  const sessions = shareSessions(platform.databases);
  const examined = {
    platform: { ...platform, databases: sessions.databases },
    contract,
    session: sessions.databases.read,
  };
  try {
    yield* examine(
      [
        ...serverChecks(examined),
        ...dataChecks(examined),
        ...machineChecks(examined, resolve(baseDirectory, contract.dumps)),
      ],
      explain,
    );
  } finally {
    await sessions.close();
  }
}

/** The stages' own checks open sessions and close them: here they get the one that there is. */
function shareSessions(databases: Databases) {
  const opened = new Map<Role, Promise<ReadSession>>();
  const open = (role: Role) => {
    const session = opened.get(role) ?? databases.read(role);
    opened.set(role, session);
    return session;
  };
  const read = async (role: Role): Promise<ReadSession> => ({ ...(await open(role)), close: async () => undefined });
  return {
    databases: { ...databases, read, identify: async (role: Role) => (await open(role)).server },
    async close() {
      // One that could not be opened has been told of.
      const closing = [...opened.values()].map(async (session) => (await session).close());
      await Promise.allSettled(closing);
    },
  };
}

/** Our own errors name what is wrong and what to do; any other one means that nobody knows. */
function explain(error: unknown): Verdict {
  const { code, message } = summarizeError(error);
  if (isFatal(error) || isRetryAfter(error)) return { status: "failed", detail: `${code}: ${message}` };
  return unknown(message, `Look \`${code}\` up in the server's error reference, and ask again.`);
}
