// Sessions that destroy things are opened here, and only after it is proven that they are not on production.
import { FatalError } from "../contracts/errors.ts";
import type { Platform, WritableRole, WriteSession } from "../contracts/platform.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import { takeFence } from "./mysql/fence.ts";
import { together } from "./together.ts";

type Needs = {
  readonly platform: Pick<Platform, "databases">;
  readonly contract: SyncContract;
  /** A stage's: throws when its claim is no longer held. */
  readonly confirm?: () => Promise<void>;
};

/**
 * Refuses instances that are one server under two names, by what the servers say of themselves.
 *
 * Reads only. Called before anything is opened for writing.
 *
 * @throws FatalError `SAME_SERVER`, and what `identify` throws for an instance that must not have its role
 */
export async function checkInstancesDiffer({ platform, contract }: Needs): Promise<void> {
  const roles = ["production", "replica", "staging"] as const;
  const servers = await together(roles.map((role) => platform.databases.identify(role)));
  const twin = servers.findIndex((server, at) => servers.indexOf(server) < at);
  if (twin === -1) return;
  const other = roles[servers.indexOf(servers[twin]!)];
  throw new FatalError(
    "SAME_SERVER",
    `\`${other}\` and \`${roles[twin]}\` of pipeline \`${contract.pipeline}\` are the same MySQL server under two addresses. Nothing was written. Correct the addresses in sync.yaml, then request a new run.`,
  );
}

/**
 * Opens a writing session on an instance, proven not to be production, with the fence taken, for as long as `use` runs.
 *
 * The claim is confirmed under the fence: a function instance that slept through its lease wakes up here and may find
 * the next run's data.
 *
 * @throws FatalError `SAME_SERVER`; RetryAfter `INSTANCE_FENCED`
 */
export async function withInstance<Result>(
  needs: Needs,
  role: WritableRole,
  use: (session: WriteSession) => Promise<Result>,
): Promise<Result> {
  await checkInstancesDiffer(needs);
  const session = await needs.platform.databases.write(role);
  try {
    await takeFence(session, needs.contract.pipeline);
    await needs.confirm?.();
    return await use(session);
  } finally {
    await session.close();
  }
}
