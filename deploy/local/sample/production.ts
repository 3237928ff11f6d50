// Production: as many rows as asked for, the same for the same seed.
import type { ConnectionOptions } from "mysql2/promise";
import { fillShop, type OnProgress } from "./fill.ts";
import { person } from "./people.ts";
import { rowRandom } from "./random.ts";
import type { Shop } from "./shop.ts";

export interface ProductionOptions {
  /** About how many rows the big tables have together; 3,000 or more comes out within a few percent. */
  readonly rows: number;
  readonly seed: number;
  readonly onProgress?: OnProgress;
}

/**
 * Fills an empty sample schema with production's rows.
 *
 * @param options a connection with the schema's database; the user needs INSERT there and nothing else.
 * @returns rows written, by table.
 */
export async function fillProduction(
  options: ConnectionOptions,
  { rows, seed, onProgress }: ProductionOptions,
): Promise<ReadonlyMap<string, number>> {
  return fillShop(options, productionShop(rows, seed), seed, onProgress);
}

/** Far from the tables' own streams of randomness. */
const PEOPLE_STREAM = 1000;

/** However few rows: there are always more ids than staging has, so that staging's clash. */
function productionShop(rows: number, seed: number): Shop {
  const share = (part: number, least: number) => Math.max(least, Math.round(rows * part));
  return {
    companies: share(0.01, 8),
    users: share(0.1, 40),
    projects: share(0.01, 16),
    orders: share(0.12, 40),
    share: (part) => share(part, 20),
    prefix: "",
    demoName: () => undefined,
    who: (user) => person(user, rowRandom(seed, PEOPLE_STREAM, user)),
  };
}
