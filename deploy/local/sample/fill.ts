// Writes a whole shop: every table, over a few connections at once.
import type { ConnectionOptions } from "mysql2/promise";
import { rowRandom } from "./random.ts";
import { insertRows, openFillSession } from "./rows.ts";
import type { Shop } from "./shop.ts";
import { invoices, orderItems, orders, shipments } from "./tables/orders.ts";
import { addresses, companies, secrets, users } from "./tables/people.ts";
import { auditLogs, comments, files, projectMembers, projects, searchLog } from "./tables/projects.ts";
import { REFERENCE_TABLES } from "./tables/reference.ts";

/** Called after each batch with the rows written so far. */
export type OnProgress = (written: number) => void;

/** One for each of the four cores that a developer's machine has, less the one that makes the rows. */
const CONNECTIONS = 3;

/**
 * Fills an empty sample schema.
 *
 * @param options a connection with the schema's database; the user needs INSERT there and nothing else.
 * @returns rows written, by table.
 */
export async function fillShop(
  options: ConnectionOptions,
  shop: Shop,
  seed: number,
  onProgress?: OnProgress,
): Promise<ReadonlyMap<string, number>> {
  const tables = [
    ...REFERENCE_TABLES,
    ...[companies, users, addresses, projects, projectMembers, comments, files].map((make) => make(shop)),
    ...[orders, orderItems, shipments, invoices, auditLogs, searchLog].map((make) => make(shop)),
    ...secrets(shop),
  ].map((rows, stream) => ({ rows, stream }));
  const written = new Map<string, number>();
  let sum = 0;
  // The longest first, so that no connection is left alone with it at the end.
  const waiting = tables.toSorted((a, b) => b.rows.count - a.rows.count);
  const work = async () => {
    const session = await openFillSession(options);
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { rows, stream } = next;
        const count = await insertRows(
          session,
          rows,
          (index) => rowRandom(seed, stream, index),
          (batch) => onProgress?.((sum += batch)),
        );
        written.set(rows.table, count);
      }
    } finally {
      session.destroy();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return written;
}
