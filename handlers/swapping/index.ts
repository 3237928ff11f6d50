// Loading staging: beside the live data, then in its place.
export { nextDatabase, previousDatabase } from "./databases.ts";
export { type Fact, factsOf } from "./facts.ts";
export { fitKeptTables, followSwap, type KeptReference, refuseLeading, stays } from "./kept-tables.ts";
export {
  createTriggers,
  createViews,
  dropTriggers,
  fitObjects,
  inDatabase,
  readObjects,
  type StagingObjects,
} from "./objects.ts";
export { lendFunctions, readFunctionShapes } from "./lent-functions.ts";
export { measureOutage } from "./outage.ts";
export { bringRoutines, ownToRemake, readRoutines, type Routine } from "./routines.ts";
export { runScripts } from "./scripts.ts";
export { listTables, swapTables, type Swapped } from "./swap.ts";
export { forgetSwapBack, isSwappedBack, swapBack } from "./swap-back.ts";
