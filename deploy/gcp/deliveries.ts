// The deliveries that this process is handling, and how they end when it has to: Cloud Run sends SIGTERM and leaves 10 s.
// https://cloud.google.com/run/docs/container-contract#instance-shutdown

/** Kept from the 10 s for the process's own end. */
const GRACE_MS = 9_000;

export interface Deliveries {
  /** Does `work` as a delivery, whose controller aborts when the process has to end. */
  during<Result>(work: (delivery: AbortController) => Promise<Result>): Promise<Result>;
  /** Aborts all of them, and resolves when they have answered, or when the grace is over. */
  end(): Promise<void>;
}

export function openDeliveries(): Deliveries {
  const handling = new Map<AbortController, Promise<unknown>>();
  let ending = false;
  return {
    async during(work) {
      const delivery = new AbortController();
      if (ending) delivery.abort();
      const working = work(delivery);
      handling.set(delivery, working);
      try {
        return await working;
      } finally {
        handling.delete(delivery);
      }
    },
    async end() {
      ending = true;
      for (const delivery of handling.keys()) delivery.abort();
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, GRACE_MS);
      await Promise.race([Promise.allSettled(handling.values()), grace.promise]);
      clearTimeout(timer);
    },
  };
}

/**
 * Ends the process in order at SIGTERM: stages save how far they are, and their messages are answered.
 *
 * functions-framework has a listener of its own, set when it begins to listen, which answers 500 and exits at once:
 * this takes its place, so call it from a request.
 */
export function endInOrder(deliveries: Deliveries): void {
  process.removeAllListeners("SIGTERM");
  process.once("SIGTERM", () => {
    // The answers are written a tick after the handlers are done.
    void deliveries.end().then(() => setImmediate(() => process.exit(0)));
  });
}
