// What every step after collecting works with.
import type { WriteSession } from "../../contracts/platform.ts";
import type { PreservePlan } from "./preserve-plan.ts";
import type { Workspace } from "./workspace.ts";

export interface Merging {
  readonly plan: PreservePlan;
  readonly session: WriteSession;
  readonly workspace: Workspace;
  /** The copy. */
  readonly database: string;
  /** Opens a further session like it. */
  readonly open: () => Promise<WriteSession>;
}

/** Rows of what stands after FROM. */
export async function count({ session }: Pick<Merging, "session">, from: string): Promise<number> {
  const [row] = await session.query<{ n: string }>(`SELECT COUNT(*) AS n FROM ${from}`);
  return Number(row?.n);
}
