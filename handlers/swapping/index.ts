// Loading staging: beside the live data, then in its place.
export { nextDatabase, previousDatabase } from "./databases.ts";
export { createTriggers, createViews, dropTriggers, fitObjects, readObjects, type StagingObjects } from "./objects.ts";
export { listTables, swapTables, type Swapped } from "./swap.ts";
