// The machine's clock.
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../contracts/platform.ts";

export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};
