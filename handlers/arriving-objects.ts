// Which objects staging is to have: its own, or production's in their place; and what a dump's views need until it has them.
import type { WriteSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import { checkSeesObjects } from "./mysql/privileges.ts";
import {
  inDatabase,
  lendFunctions,
  ownToRemake,
  readFunctionShapes,
  readObjects,
  readRoutines,
  type Routine,
  type StagingObjects,
} from "./swapping/index.ts";

export interface Arriving extends StagingObjects {
  readonly routines: readonly Routine[];
  /** Views of staging's own that none of the arriving ones replaces. */
  readonly staying: StagingObjects["views"];
}

/**
 * Lends a database that a dump is loaded into the functions that its views may call: those that staging will have, its own
 * and production's where the contract takes objects from there.
 */
export async function lendFunctionsTo(context: StageContext, session: WriteSession, database: string): Promise<void> {
  const { contract, platform } = context;
  const roles = contract.load.objects === "production" ? (["production", "staging"] as const) : (["staging"] as const);
  for (const role of roles) {
    const owner = await platform.databases.read(role);
    try {
      await lendFunctions(
        session,
        await readFunctionShapes(owner, contract[role].database, contract.collations),
        database,
      );
    } finally {
      await owner.close();
    }
  }
}

/**
 * Staging's triggers, with production's in the place of those of their names; production's views and routines; staging's
 * own routines that are made anew; and staging's own views that none of these replaces.
 *
 * @param collation the default one that staging is going to have
 */
export async function arriving(
  { contract, platform }: StageContext,
  staging: WriteSession,
  live: string,
  collation: string | undefined,
): Promise<Arriving> {
  const own = await readObjects(staging, live);
  const remade = await ownToRemake(staging, live, collation);
  if (contract.load.objects === "staging") {
    return { triggers: own.triggers, views: [], routines: remade, staying: own.views };
  }
  const renaming = { from: contract.production.database, to: live, collations: contract.collations };
  const session = await platform.databases.read("production");
  try {
    await checkSeesObjects(session, renaming.from);
    const { triggers, views } = await readObjects(session, renaming.from);
    const routines = await readRoutines(session, renaming);
    return {
      triggers: [...without(own.triggers, triggers), ...triggers.map((trigger) => inDatabase(trigger, renaming))],
      views: views.map((view) => inDatabase(view, renaming)),
      routines: [...without(remade, routines), ...routines],
      staying: without(own.views, views),
    };
  } finally {
    await session.close();
  }
}

/** Those of `objects` that none of `others` has the name of. */
export function without<Named extends { readonly name: string }>(
  objects: readonly Named[],
  others: readonly { readonly name: string }[],
): Named[] {
  const names = new Set(others.map(({ name }) => name));
  return objects.filter(({ name }) => !names.has(name));
}
