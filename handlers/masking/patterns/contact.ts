// E-mail addresses and phone numbers.
import { tally, type Tally } from "./tally.ts";

/** The local part of RFC 5322's dot-atom, and a domain with a top level of letters (or punycode). */
const EMAIL =
  /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-][\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+(?:xn--[a-z\d-]{2,59}|\p{L}{2,63})(?![\p{L}\p{N}])/giu;

/** Nobody's, so they name nobody: https://www.rfc-editor.org/rfc/rfc2606 and rfc6761. */
const RESERVED = /(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost)$/i;

export function email(text: string): Tally {
  return tally(text, EMAIL, (match) => !isReservedDomain(match.slice(match.lastIndexOf("@") + 1)));
}

/** True for a domain that is nobody's by a standard. */
export function isReservedDomain(domain: string): boolean {
  return RESERVED.test(domain);
}

/** Around a number stands nothing that would make it part of something longer. Japanese writes `電話090…` without a space. */
const APART = String.raw`(?<![A-Za-z\d_+-]|\d[.,:/ ])`;
const END = String.raw`(?![A-Za-z\d_]|[-.:/]\d)`;
const GAP = String.raw`[ .‐-―−-]?`;
const FORMS = [
  // +81 90-1234-5678, +44 (0)20 7946 0958
  String.raw`\+[1-9]\d{0,2}${GAP}(?:\(0\)${GAP})?(?:\(\d{1,4}\)${GAP})?\d{1,5}(?:${GAP}\d{1,5}){1,5}`,
  // 03-1234-5678, 090-1234-5678, 0120-123-456, 020 7946 0958: a trunk 0 and two separators
  String.raw`0\d{1,4}[ .‐-―−-]\d{1,4}[ .‐-―−-]\d{3,4}`,
  // 03(1234)5678, (03)1234-5678, (03) 1234 5678
  String.raw`0\d{1,4} ?\(\d{1,4}\) ?\d{3,4}|\(0\d{1,4}\) ?\d{1,4}[ ‐-―−-]?\d{3,4}`,
  // 09012345678: Japan's mobile numbers stand bare more often than not
  String.raw`0[5-9]0\d{8}`,
  // (415) 555-2671, 415-555-2671, 1-415-555-2671
  String.raw`(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[ .-]\d{4}`,
].join("|");
const PHONE = new RegExp(`${APART}(?:${FORMS})${END}`, "gu");

/** E.164 has 15 digits at most; nobody's has fewer than 9 with its area. https://www.itu.int/rec/T-REC-E.164 */
export function phone(text: string): Tally {
  return tally(text, PHONE, (match) => {
    const digits = match.replace("(0)", "").replaceAll(/\D/g, "");
    const isNational = digits.startsWith("0");
    if (isNational && !match.startsWith("+")) return digits.length === 10 || digits.length === 11;
    return digits.length >= 9 && digits.length <= 15 && !isFictional(digits);
  });
}

/** 555-0100 to 555-0199 are kept for fiction: https://nationalnanpa.com/number_resource_info/555_numbers.html */
function isFictional(digits: string): boolean {
  return /^1?\d{3}55501\d\d$/.test(digits);
}
