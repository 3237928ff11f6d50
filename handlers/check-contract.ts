// The contract against the live schemas, before anything is exported: the earliest moment at which a new column, a typo or
// an impossible transform can be told. Where nobody looks into production, what staging tells is told before anything is loaded.
import type { ReadSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import { planMasking } from "./masking/index.ts";
import { readSchema } from "./mysql/schema.ts";
import { planUnderContract } from "./preserve.ts";
import { checkConditions, checkDeclaration } from "./preserving/index.ts";

/**
 * Makes the plans of masking and preserving without carrying them out.
 *
 * @throws FatalError with the plan's own code: a column without a transform, an unknown table, …
 */
export async function checkContract({
  platform,
  contract,
}: Pick<StageContext, "platform" | "contract">): Promise<void> {
  const production = await withReading(await platform.databases.read("production"), (session) =>
    readSchema(session, contract.production.database),
  );
  planMasking(contract.masking, production);
  if (contract.preserve.length === 0) return;
  const { database } = contract.staging;
  await withReading(await platform.databases.read("staging"), async (session) => {
    const staging = await readSchema(session, database);
    planUnderContract(contract, staging, production);
    await checkConditions(session, staging, contract.preserve);
  });
}

/**
 * Holds `preserve` and `references` against staging alone: the copy is held against them when it is masked.
 *
 * @throws FatalError for an unknown name, types that do not fit, a condition that staging refuses
 */
export async function checkPreserve({
  platform,
  contract,
}: Pick<StageContext, "platform" | "contract">): Promise<void> {
  if (contract.preserve.length === 0) return;
  await withReading(await platform.databases.read("staging"), async (session) => {
    const staging = await readSchema(session, contract.staging.database);
    checkDeclaration(contract, { staging });
    await checkConditions(session, staging, contract.preserve);
  });
}

async function withReading<Result>(session: ReadSession, use: (session: ReadSession) => Promise<Result>) {
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
