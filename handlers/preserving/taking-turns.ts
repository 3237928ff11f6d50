// One session for several who read by it: each has it to the end of what it asked.
import type { ReadSession } from "../../contracts/platform.ts";

/** The same session; queries and streams wait for each other. */
export function takingTurns(session: ReadSession): ReadSession {
  let last = Promise.resolve();
  const turn = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = last;
    last = promise;
    await before;
    return resolve;
  };
  return {
    ...session,
    async query<Row>(sql: string, values?: readonly unknown[]) {
      const end = await turn();
      try {
        return await session.query<Row>(sql, values);
      } finally {
        end();
      }
    },
    async *stream<Row>(sql: string, values?: readonly unknown[]) {
      const end = await turn();
      try {
        yield* session.stream<Row>(sql, values);
      } finally {
        end();
      }
    },
    async *pages<Row>(sql: string, values?: readonly unknown[]) {
      const end = await turn();
      try {
        yield* session.pages<Row>(sql, values);
      } finally {
        end();
      }
    },
  };
}
