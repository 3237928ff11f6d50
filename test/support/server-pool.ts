// Servers of each kind for whole syncs, started when they are first needed and used again by the next.
import type { TestContext } from "node:test";
import { startTestMySql } from "./real-mysql.ts";
import type { Role } from "./sample-servers.ts";
import { servers, startTestServer, type TestServer } from "./servers.ts";

export const KINDS = ["MariaDB", "MySQL 9.7", "MySQL 5.6"] as const;
export type Kind = (typeof KINDS)[number];
/** Production's, the replica's and staging's. */
export type Trio = readonly [Kind, Kind, Kind];

/** The kinds that this machine lacks. */
export function missingKinds(): Kind[] {
  return KINDS.filter((kind) => !servers().some(({ name }) => name.startsWith(kind)));
}

/** They end with the test. */
export function openPool(t: TestContext) {
  const started: Record<Kind, TestServer[]> = { MariaDB: [], "MySQL 9.7": [], "MySQL 5.6": [] };
  const start = async (kind: Kind): Promise<TestServer> =>
    kind === "MariaDB" ? (await startTestServer(t)).test : startTestMySql(t, kind === "MySQL 9.7" ? "9.7" : "5.6");
  return {
    async take(trio: Trio): Promise<Record<Role, TestServer>> {
      const used = new Map<Kind, number>();
      const taken: TestServer[] = [];
      for (const kind of trio) {
        const index = used.get(kind) ?? 0;
        used.set(kind, index + 1);
        taken.push((started[kind][index] ??= await start(kind)));
      }
      const [production, replica, staging] = taken as [TestServer, TestServer, TestServer];
      return { production, replica, staging };
    },
  };
}
