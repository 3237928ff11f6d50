// One list of items, several sessions.
import type { ReadSession } from "../../contracts/platform.ts";

/**
 * Works off the items in their order, as many at a time as there are sessions.
 *
 * @returns how many were begun before `signal` aborted; each of these is done. The first error stops the others and is thrown.
 */
export async function inParallel<Session extends ReadSession, Item>(
  sessions: readonly Session[],
  items: readonly Item[],
  work: (session: Session, item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  let begun = 0;
  let failed = false;
  const run = async (session: Session) => {
    while (begun < items.length && !failed && !(signal.aborted && begun > 0)) {
      const item = items[begun++]!;
      try {
        await work(session, item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(sessions.map(run));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) throw failure.reason;
  return begun;
}
