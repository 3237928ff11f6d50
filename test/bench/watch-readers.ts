// For how long staging's readers miss something: one of them asks all the time whether every table's last row is there.
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { connectionOptions, type TestServer } from "../support/servers.ts";
import { TABLES } from "./shop.ts";

/** Less would be told more exactly, and take a processor from what is measured. */
const PAUSE_MS = 5;

/** Begins to ask; `stop` gives the longest time between two whole answers, in seconds. */
export async function watchReaders(server: TestServer, database: string): Promise<{ stop(): Promise<number> }> {
  const connection = await createConnection(connectionOptions(server));
  const parts: string[] = [];
  for (const { name } of TABLES) {
    const [[last]] = await connection.query<RowDataPacket[]>(`SELECT MAX(id) AS id FROM ${database}.${name}`);
    parts.push(`(SELECT COUNT(*) FROM ${database}.${name} WHERE id = ${Number(last?.["id"] ?? 0)})`);
  }
  const question = `SELECT ${parts.join(" + ")} AS found`;
  const isWhole = async (expected: number) => {
    try {
      const [[row]] = await connection.query<RowDataPacket[]>(question);
      return Number(row?.["found"]) === expected;
    } catch {
      return false;
    }
  };
  const stopping = new AbortController();
  let [longestMs, last] = [0, performance.now()];
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      if (await isWhole(TABLES.length)) {
        const now = performance.now();
        longestMs = Math.max(longestMs, now - last);
        last = now;
      }
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await asking;
      await connection.end();
      return Math.max(longestMs, performance.now() - last) / 1000;
    },
  };
}
