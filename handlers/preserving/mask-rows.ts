// Applies the contract's transforms to the rows of rules that say `mask: true`, before anything is decided about them.
import type { Merging } from "./merging.ts";
import { tableOf } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { isToBeMasked } from "./ways.ts";
import { movedName } from "./workspace.ts";

/** The session has the masking key. Staging's own values stay beside: by them rows refer to each other. */
export async function maskRows({ plan, session, workspace }: Merging, name: string, range: Range): Promise<void> {
  const table = tableOf(plan, name);
  const set = table.masks.map(({ column, sql }) => `s.${movedName(table, column)} = ${sql}`);
  await session.run(
    `UPDATE ${workspace.rows(name)} s SET ${set.join(", ")} WHERE ${within(range)} AND ${isToBeMasked(plan, "s")}`,
  );
}
