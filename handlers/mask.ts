// Masks the replica by the contract, and proves that nothing leaked.
import { FatalError } from "../contracts/errors.ts";
import type { WriteSession } from "../contracts/platform.ts";
import { done, waiting, type Stage, type StageContext } from "../contracts/stage.ts";
import { FRESH_KEY } from "../contracts/sync-contract.ts";
import { Masked, ReplicaLoaded } from "../events/index.ts";
import { withInstance } from "./instances.ts";
import { countDeleted, freshKey, maskReplica, planMasking, proveMasking } from "./masking/index.ts";
import { overAllTables } from "./masking-progress.ts";
import { readCopy } from "./mysql/waiting-keys.ts";
import { WORK_DATABASE } from "./wipe.ts";

/** Sessions that mask at a time. A replica has few cores; more sessions only queue. */
const CONNECTIONS = 4;

/** Shorter keys could be found by trying. RFC 2104 section 3 asks for the hash's length, here 32 bytes. */
export const MASKING_KEY_BYTES = 32;

export const mask: Stage<ReplicaLoaded["data"]> = {
  name: "mask",
  on: ReplicaLoaded,
  requires: () => "load-replica:production",
  async run(_event, context) {
    const { contract, platform, runId, signal, progress } = context;
    const { database } = contract.replica;
    return withInstance(context, "replica", async (session) => {
      const key = await maskingKey(context, session);
      const plan = planMasking(contract.masking, await readCopy(session, database, WORK_DATABASE));
      const job = {
        ...{ plan, database, key, signal, run: runId, connections: CONNECTIONS },
        allow: contract.masking.allow ?? [],
        open: () => platform.databases.write("replica"),
        onProgress: overAllTables(progress),
      };
      if ((await maskReplica(job)) === "out-of-time") return waiting();
      const proof = await proveMasking(job);
      if (proof === "out-of-time") return waiting();
      const deleted = await countDeleted(session, database, WORK_DATABASE);
      const { tables, columns, rows, truncated, ...checked } = proof;
      return done([Masked.create({ runId, tables, columns, rows })], {
        ...{ tables, columns, rows, truncated },
        ...(deleted > 0 && { deleted }),
        proof: checked,
      });
    });
  },
};

/**
 * The key that this run masks with: the contract's, or one of the run's own.
 *
 * @param session on the replica
 * @throws FatalError `MASKING_KEY_SHORT`, `SECRET_MISSING`, `MASK_KEY_LOGGED`
 */
export async function maskingKey(context: StageContext, session: WriteSession): Promise<Buffer> {
  const isFresh = context.contract.masking.key === FRESH_KEY;
  return isFresh ? freshKey(session, context.runId, WORK_DATABASE) : readMaskingKey(context);
}

async function readMaskingKey({ contract, platform }: StageContext): Promise<Buffer> {
  const key = Buffer.from(await platform.secrets.read(contract.masking.key));
  if (key.byteLength >= MASKING_KEY_BYTES) return key;
  throw new FatalError(
    "MASKING_KEY_SHORT",
    `The masking key at \`${contract.masking.key}\` has ${key.byteLength} bytes; it needs ${MASKING_KEY_BYTES} or more. Make one with \`openssl rand -hex 32\`, then replay the run.`,
  );
}
