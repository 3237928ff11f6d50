// One suite that every world must pass: what contracts/platform.ts promises, on the real thing.
import { describeBus } from "./bus-suite.ts";
import { describeDatabases } from "./databases-suite.ts";
import { describeObjectStore } from "./object-store-suite.ts";
import { describeRunStore } from "./run-store-suite.ts";
import { describeSqlAdmin } from "./sql-admin-suite.ts";
import type { OpenPlatform } from "./world.ts";

export function describePlatform(world: string, open: OpenPlatform): void {
  describeBus(world, open);
  describeRunStore(world, open);
  describeObjectStore(world, open);
  describeSqlAdmin(world, open);
  describeDatabases(world, open);
}
