// The people of the sample: a name, an address to mail to, a telephone number.
import type { Random } from "./random.ts";
import { FAMILY_NAMES, GIVEN_NAMES, MAIL_DOMAINS } from "./words.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
}

/**
 * One person. Addresses are unique under a collation that ignores case, because they hold the number; some are written
 * in capitals, some have a plus-address.
 */
export function person(number: number, random: Random): Person {
  const [given, givenAscii] = random.pick(GIVEN_NAMES);
  const [family, familyAscii] = random.pick(FAMILY_NAMES);
  const mailbox = `${givenAscii}.${familyAscii}${number}${random.oneIn(8) ? random.pick(["+shop", "+news", "+a.b"]) : ""}`;
  const written = random.oneIn(10) ? mailbox.toUpperCase() : random.oneIn(4) ? capitalised(mailbox) : mailbox;
  const digits = String(random.below(100_000_000)).padStart(8, "0");
  return {
    name: `${given} ${family}${random.oneIn(40) ? " 🌸" : ""}`,
    email: `${written}@${random.pick(MAIL_DOMAINS)}`,
    phone: `+81-90-${digits.slice(0, 4)}-${digits.slice(4)}`,
  };
}

function capitalised(mailbox: string): string {
  return mailbox.charAt(0).toUpperCase() + mailbox.slice(1);
}
