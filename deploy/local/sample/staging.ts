// Staging before the sync: a few old rows of no interest, and three demo companies that exist nowhere else.
import type { ConnectionOptions } from "mysql2/promise";
import { fillShop } from "./fill.ts";
import type { Person } from "./people.ts";
import { rowRandom } from "./random.ts";
import { companyOf, type Shop } from "./shop.ts";

/** By company id. The ids clash with production's, as do those of all that belongs to them. */
const DEMO_COMPANIES: Readonly<Record<number, string>> = {
  3: "Demo Bakery 🥐",
  4: "デモ商事",
  5: "Demo & Sons' Hardware",
};

/**
 * Fills an empty sample schema with staging's rows: five companies, of which three are demos (`is_demo = 1`).
 *
 * Users, projects, orders and all that hangs on them are dealt to the five in turn; the catalogue is production's.
 *
 * @returns rows written, by table.
 */
export async function fillStaging(
  options: ConnectionOptions,
  { seed }: { readonly seed: number },
): Promise<ReadonlyMap<string, number>> {
  // Another seed than production's: no token or session is the same by chance.
  return fillShop(options, stagingShop, seed ^ 0x5747);
}

const stagingShop: Shop = {
  companies: 5,
  users: 20,
  projects: 10,
  orders: 20,
  share: () => 20,
  prefix: "STG-",
  demoName: (company) => DEMO_COMPANIES[company],
  who: (user) => staffMember(user),
};

function staffMember(user: number): Person {
  const isDemo = DEMO_COMPANIES[companyOf(user, stagingShop)] !== undefined;
  const random = rowRandom(0, 0, user);
  const role = isDemo ? "Demo" : "Test";
  return {
    name: `${role} ${random.pick(["Aiko", "Bram", "Célia", "Dmitri"])} ${user}`,
    email: `${role.toLowerCase()}${user}@staging.example.com`,
    phone: `+1-555-0${100 + user}`,
  };
}
