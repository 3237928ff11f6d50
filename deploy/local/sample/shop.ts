// A shop to be made: how many there are of each, who belongs to whom, and who the people are.
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";

export interface Shop {
  /** Ids run from 1 to each of these. */
  readonly companies: number;
  readonly users: number;
  readonly projects: number;
  readonly orders: number;
  /** About how many rows a table has that takes this part of the whole. */
  readonly share: (part: number) => number;
  /** Begins order and invoice numbers and VAT numbers, which are unique. */
  readonly prefix: string;
  /** The name of a demo company; `undefined` for a customer. */
  readonly demoName: (company: number) => string | undefined;
  /** The person behind a user id; the same whenever asked. */
  readonly who: (user: number) => Person;
}

/** Users, projects and orders are dealt to the companies in turn. */
export function companyOf(id: number, { companies }: Shop): number {
  return 1 + ((id - 1) % companies);
}

/** One of a company's users. */
export function userOf(company: number, random: Random, { users, companies }: Shop): number {
  return company + companies * random.below(Math.floor((users - company) / companies) + 1);
}

/** How many lines an order has: 2.5 on average. */
export function linesOf(order: number): number {
  return 1 + ((order * 7) % 4);
}

/** A moment of the last few years, `2024-05-06 07:08:09`, never in the hours that daylight saving time skips. */
export function moment(random: Random): string {
  const date = `${2020 + random.below(6)}-${twoDigits(1 + random.below(12))}-${twoDigits(1 + random.below(28))}`;
  return `${date} ${twoDigits(4 + random.below(20))}:${twoDigits(random.below(60))}:${twoDigits(random.below(60))}`;
}

/** A day of the last few years. */
export function day(random: Random): string {
  return moment(random).slice(0, 10);
}

/** An amount of money as DECIMAL text, for MySQL never to see a binary fraction. */
export function money(random: Random, limit: number): string {
  return `${random.below(limit)}.${String(random.below(100)).padStart(2, "0")}`;
}

/** `7` → `07` */
export function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
