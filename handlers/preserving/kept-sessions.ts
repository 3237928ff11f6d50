// Sessions that stay open between the rounds of the work: to open one takes six round trips, and a round may take no more.
import type { WriteSession } from "../../contracts/platform.ts";

export interface KeptSessions extends AsyncDisposable {
  /** A session that nobody else has; who closes it leaves it to the next. */
  open(): Promise<WriteSession>;
}

/** They are closed, with whatever batch one of them is in, when what is returned is disposed of. */
export function keepSessions(open: () => Promise<WriteSession>): KeptSessions {
  const all = new Set<WriteSession>();
  const idle: WriteSession[] = [];
  const lend = (session: WriteSession): WriteSession => ({
    ...session,
    async close() {
      try {
        // An error may have left a transaction behind.
        await session.run("ROLLBACK");
        idle.push(session);
      } catch {
        all.delete(session);
        await session.close();
      }
    },
  });
  return {
    async open() {
      const session = idle.pop() ?? (await open());
      all.add(session);
      return lend(session);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all].map((session) => session.close()));
    },
  };
}
