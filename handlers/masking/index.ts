// The masking engine: contract and schema become a plan, the plan becomes SQL, and a proof looks for what survived.
export { countDeleted } from "./delete-rows.ts";
export { freshKey } from "./fresh-key.ts";
export { setKey } from "./keyed.ts";
export { checkLogs } from "./preflight.ts";
export { maskReplica } from "./mask-replica.ts";
export type { MaskingJob, MaskingProgress } from "./job.ts";
export { maskedColumns, type MaskedColumn, type MaskingPlan } from "./plan.ts";
export { checkMasking, planMasking, type Drift } from "./plan-masking.ts";
export { proveMasking, type Proof } from "./prove-masking.ts";
export { sampleRows, type Sample } from "./sample-rows.ts";
export { tableStatements } from "./statements.ts";
