// What tells a machine or opens a door: addresses, URLs with credentials, tokens and keys.
import { isIPv6 } from "node:net";
import { isReservedDomain } from "./contact.ts";
import { tally, type Tally } from "./tally.ts";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IP = new RegExp(
  `(?<![A-Za-z\\d_.:-])(?:${OCTET}(?:\\.${OCTET}){3}(?![A-Za-z\\d_]|[.-]\\d)|(?:[\\da-f]{1,4}|:)(?::[\\da-f]{0,4}){2,7}(?![A-Za-z\\d_:]|[.-]\\d))`,
  "gi",
);

/** Private, loopback, link-local, multicast, "this host" and documentation: https://www.rfc-editor.org/rfc/rfc6890 */
const NOBODYS_V4 =
  /^(?:0|10|127)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^192\.0\.[02]\.|^198\.(?:1[89]\.|51\.100\.)|^203\.0\.113\.|^(?:22[4-9]|2[3-5]\d)\./;
const NOBODYS_V6 = /^(?:::1?$|f[cd]|fe[89ab]|ff|2001:0?db8:)/i;

export function ip(text: string): Tally {
  return tally(text, IP, (match) =>
    match.includes(".") ? !NOBODYS_V4.test(match) : isIPv6(match) && !NOBODYS_V6.test(match),
  );
}

const URL_CREDENTIALS =
  /[a-z][a-z\d+.-]{1,30}:\/\/[^\s/?#:@"'<>]{1,256}:[^\s/?#@"'<>]{1,256}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})*/giu;

export function urlCredentials(text: string): Tally {
  return tally(text, URL_CREDENTIALS, (match) => !isReservedDomain(match.slice(match.lastIndexOf("@") + 1)));
}

/** Two parts are JSON objects in base64url, which begin with `{"`: https://www.rfc-editor.org/rfc/rfc7519 */
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*/g;

export function jwt(text: string): Tally {
  return tally(text, JWT);
}

/** Prefixes that issuers publish so that scanners can find what leaked. */
const API_KEY = new RegExp(
  `(?<![\\w-])(?:${[
    "(?:AKIA|ASIA)[A-Z2-7]{16}", // Amazon
    "AIza[\\w-]{35}", // Google
    "ya29\\.[\\w-]{20,}",
    "GOCSPX-[\\w-]{28}",
    "gh[pousr]_[A-Za-z0-9]{36,}", // GitHub
    "github_pat_\\w{50,}",
    "glpat-[\\w-]{20,}", // GitLab
    "(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}", // Stripe
    "whsec_[A-Za-z0-9+/]{32,}",
    "xox[abeoprs]-[\\w-]{10,}", // Slack
    "SG\\.[\\w-]{16,32}\\.[\\w-]{32,}", // SendGrid
    "SK[0-9a-f]{32}", // Twilio
    "key-[0-9a-f]{32}", // Mailgun
    "npm_[A-Za-z0-9]{36}",
    "pypi-[\\w-]{50,}",
    "sk-(?:proj-|ant-)?[\\w-]{20,}", // OpenAI, Anthropic
    "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", // Shopify
    "dop_v1_[0-9a-f]{64}", // DigitalOcean
    "hf_[A-Za-z0-9]{30,}", // Hugging Face
  ].join("|")})(?![\\w])|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----`,
  "g",
);

export function apiKey(text: string): Tally {
  return tally(text, API_KEY);
}
