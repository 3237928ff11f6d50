// Preserve: staging's own rows, and the rows that hang on them, carried into the masked copy on the replica.
export { checkConditions, examineConditions } from "./check-conditions.ts";
export { checkDeclaration, examineDeclaration, type DeclarationFinding } from "./examine-declaration.ts";
export type { ColumnMask } from "./plan-masks.ts";
export { planPreserve, type PlanOptions } from "./plan.ts";
export type { PreservePlan, PlannedColumn, PlannedReference, PlannedTable } from "./preserve-plan.ts";
export { preserveRows, type PreserveOptions, type PreserveProgress } from "./preserve-rows.ts";
export type { TableSummary } from "./summary.ts";
export { provePreserved, type PreserveSummary, type ProveOptions } from "./prove.ts";
