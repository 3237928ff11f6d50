// What the engine is given to work with.
import type { WriteSession } from "../../contracts/platform.ts";
import type { MaskingPlan } from "./plan.ts";

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
  readonly onProgress?: (progress: {
    readonly table: string;
    readonly rowsDone: number;
    readonly rowsTotal: number;
  }) => void;
  /** Rows that one transaction masks; 5,000 take a good part of a second. */
  readonly chunkRows?: number;
  /** The database for the engine's own tables, beside the copy on the replica. */
  readonly ledgerDatabase?: string;
}
