// Ends sessions with the statements that they run: a server notices by itself only between two that its client has gone.
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "mysql2";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { Job } from "./job.ts";

const LOOK_MS = 20;
/** A statement that is killed undoes what it did, on a busy disk for seconds; one that takes longer ends after its client. */
const WAIT_MS = 10_000;

/** Resolves when they are gone from the server, or soon after: one that cannot be reached has ended them by itself. */
export async function killSessions(server: Job["server"], connections: readonly Connection[]): Promise<void> {
  const ids = new Set(connections.map(({ threadId }) => threadId).filter(Boolean));
  for (const connection of connections) connection.destroy();
  if (ids.size === 0) return; // none was ever opened
  const { host, port, user, password } = server;
  try {
    await using killer = await createConnection({ host, port, user, password, connectTimeout: WAIT_MS });
    for (const id of ids) await killer.query("KILL ?", [id]).catch(() => undefined); // it has ended already
    for (let waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
      const [sessions] = await killer.query<RowDataPacket[]>("SHOW PROCESSLIST");
      if (!sessions.some(({ Id }) => ids.has(Number(Id)))) return;
      await sleep(LOOK_MS);
    }
  } catch {
    // nobody is left to be told
  }
}
