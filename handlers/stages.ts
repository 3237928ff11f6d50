// All stages, in the order in which a run meets them. A world subscribes each to its event's topic.
import type { Stage } from "../contracts/stage.ts";
import { dumpFinalized } from "./dump-finalized.ts";
import { exportProduction } from "./export-production.ts";
import { exportReplica } from "./export-replica.ts";
import { loadReplica } from "./load-replica.ts";
import { loadStaging } from "./load-staging.ts";
import { mask } from "./mask.ts";
import { preserve } from "./preserve.ts";

export const stages: readonly Stage[] = [
  exportProduction,
  dumpFinalized,
  loadReplica,
  mask,
  preserve,
  exportReplica,
  loadStaging,
] as readonly unknown[] as readonly Stage[];
