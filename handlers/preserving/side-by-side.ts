// Several looks at the copy at a time: each reads a table from end to end, and a server has more than one processor.
import type { WriteSession } from "../../contracts/platform.ts";

/** As many as masking has. */
export const SESSIONS = 4;

/**
 * Takes every look, as many at a time as there are sessions; these are opened for it and closed.
 *
 * @returns what the looks found, in their order
 * @throws the error of the first look in that order that failed; the others have ended then
 */
export async function sideBySide<Found>(
  open: () => Promise<WriteSession>,
  looks: readonly ((session: WriteSession) => Promise<Found>)[],
): Promise<Found[]> {
  const found = new Map<number, Found>();
  const failed = new Map<number, unknown>();
  const queue = looks.entries();
  const work = async (): Promise<void> => {
    const session = await open();
    try {
      for (const [i, look] of queue) {
        try {
          found.set(i, await look(session));
        } catch (error) {
          failed.set(i, error);
          return;
        }
      }
    } finally {
      await session.close();
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(SESSIONS, looks.length) }, work));
  const [first] = [...failed].toSorted(([a], [b]) => a - b);
  if (first) throw first[1];
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
  return [...found].toSorted(([a], [b]) => a - b).map(([, each]) => each);
}
