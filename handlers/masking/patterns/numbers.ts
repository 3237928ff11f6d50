// Numbers that carry a check digit: payment cards, Japan's My Number, IBANs. Some numbers pass the check by chance.
import { tally, type Tally } from "./tally.ts";

/** Four digits and four, or as they come; not part of a longer number, a decimal or an identifier. */
const CARD =
  /(?<![A-Za-z\d_-]|\d[., ])[2-6]\d{3}(?:\d{9,15}|([ -])\d{4}\1\d{4}\1\d{1,7}|([ -])\d{6}\2\d{4,5})(?![A-Za-z\d_]|[-., ]\d)/gu;

/** Issuers by their first digits, with the lengths that they use: https://en.wikipedia.org/wiki/Payment_card_number */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[689])/, [14]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^6(?:011|4[4-9]|5)/, [16, 17, 18, 19]],
  [/^62/, [16, 17, 18, 19]],
];

export function card(text: string): Tally {
  return tally(text, CARD, (match) => {
    const digits = match.replaceAll(/\D/g, "");
    return ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length)) && luhn(digits);
  });
}

/** ISO/IEC 7812-1, annex B. */
export function luhn(digits: string): boolean {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

const MY_NUMBER = /(?<![A-Za-z\d_-]|\d[., ])\d{4}([ -]?)\d{4}\1\d{4}(?![A-Za-z\d_]|[-., ]\d)/gu;

export function myNumber(text: string): Tally {
  return tally(text, MY_NUMBER, (match) => hasMyNumberCheckDigit(match.replaceAll(/\D/g, "")));
}

/** Ordinance 85 of 2014 of the Ministry of Internal Affairs, article 5. */
export function hasMyNumberCheckDigit(digits: string): boolean {
  const sum = Array.from(digits.slice(0, 11))
    .toReversed()
    .reduce((total, digit, i) => total + Number(digit) * (i < 6 ? i + 2 : i - 4), 0);
  const rest = sum % 11;
  return Number(digits[11]) === (rest <= 1 ? 0 : 11 - rest) && !/^(\d)\1*$/.test(digits);
}

const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![\p{L}\p{N}])/gu;

/** How long each country's is: https://www.swift.com/resource/iban-registry-pdf */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    "NO15 BE16 DK18 FI18 FO18 GL18 NL18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 CH21 HR21 LI21 LV21 BG22 BH22 CR22 " +
    "DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 " +
    "PT25 IS26 TR26 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 PL28 SV28 BR29 EG29 PS29 QA29 " +
    "JO30 KW30 MU30 MT31 SC31 LC32 UA29"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

export function iban(text: string): Tally {
  return tally(text, IBAN, (match) => isIban(match.replaceAll(" ", "")));
}

/** ISO 13616: the first four characters go to the end, letters become 10 to 35, and 97 leaves 1. */
export function isIban(compact: string): boolean {
  const length = IBAN_LENGTHS[compact.slice(0, 2)];
  if (length === undefined || compact.length < length) return false;
  // What follows in capital letters is no part of it.
  const own = compact.slice(0, length);
  const digits = Array.from(own.slice(4) + own.slice(0, 4), (character) => parseInt(character, 36)).join("");
  return BigInt(digits) % 97n === 1n;
}
