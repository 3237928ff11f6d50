// What the engine is given to work with.
import type { Allowance } from "../../contracts/patterns.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import type { MaskingPlan } from "./plan.ts";

/** How far a table is. */
export interface MaskingProgress {
  readonly table: string;
  readonly doing: "masking" | "restoring keys";
  readonly rowsDone: number;
  readonly rowsTotal: number;
  /** Since this call began with the table; undefined before its first chunk is done. */
  readonly rowsPerSecond?: number;
  readonly secondsLeft?: number;
}

export interface MaskingJob {
  readonly plan: MaskingPlan;
  readonly database: string;
  /** The run: what another run left in the ledger is thrown away. */
  readonly run: string;
  readonly open: () => Promise<WriteSession>;
  /** 32 bytes or more. */
  readonly key: Buffer;
  /** Sessions that work at a time. */
  readonly connections: number;
  /** Looked at between two steps. Every call completes one step at least, so that work gets done however often it aborts. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: MaskingProgress) => void;
  /** Rows that one transaction masks; unless given, found while the work runs. */
  readonly chunkRows?: number;
  /** Rows among which one transaction looks for those that stay behind. */
  readonly deleteRangeRows?: number;
  /** Rows that the proof reads in one statement. */
  readonly proofRangeRows?: number;
  /** Rows from which on a table's secondary keys are dropped and built anew; unless given, where that is known to pay. */
  readonly dropKeysFromRows?: number;
  /** What the contract allows visible columns to hold, though the proof looks for it. */
  readonly allow?: readonly Allowance[];
  /** The database for the engine's own tables, beside the copy on the replica. */
  readonly ledgerDatabase?: string;
}
