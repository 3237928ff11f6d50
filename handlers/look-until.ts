// Looking again and again until something has happened elsewhere.
import type { Platform } from "../contracts/platform.ts";

export interface Looking {
  readonly platform: Pick<Platform, "sql" | "clock">;
  readonly signal: AbortSignal;
}

/** Looks until there is something, as often as the platform wants to be asked: undefined when `signal` aborts first. */
export async function lookUntil<Found>(
  { platform, signal }: Looking,
  look: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const { firstMs, longestMs } = platform.sql.poll;
  for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * 1.5, longestMs)) {
    const found = await look();
    if (found !== undefined || signal.aborted) return found;
    await platform.clock.sleep(pauseMs, signal);
  }
}
