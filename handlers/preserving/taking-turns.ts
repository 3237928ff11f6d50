// One session for several who read by it: each has it to the end of what it asked.
import type { ReadSession } from "../../contracts/platform.ts";

/** The same session; queries and readers of many rows wait for each other. */
export function takingTurns(session: ReadSession): ReadSession {
  let last = Promise.resolve();
  const turn = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = last;
    last = promise;
    await before;
    return resolve;
  };
  async function* inTurn<Item>(read: () => AsyncIterable<Item>): AsyncGenerator<Item> {
    const end = await turn();
    try {
      yield* read();
    } finally {
      end();
    }
  }
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
    stream: <Row>(sql: string, values?: readonly unknown[]) => inTurn(() => session.stream<Row>(sql, values)),
    pages: <Row>(sql: string, values?: readonly unknown[]) => inTurn(() => session.pages<Row>(sql, values)),
  };
}
