// `url`: an address on the web where nobody is.
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import {
  asciiCapacity,
  canonicalText,
  DISTINCT_HEX_DIGITS,
  type Masked,
  type Misfit,
  type Named,
  unlessEmpty,
} from "./transform.ts";

/** Reserved for examples: https://www.rfc-editor.org/rfc/rfc2606 */
const HOST = "://example.com/";
const HEX_DIGITS = 24;
/** In the path where there is a query; the other ones are its value. */
const PATH_HEX_DIGITS = DISTINCT_HEX_DIGITS;
const QUERY = "?q=";
const LONGEST_SCHEME = 16;
const DEFAULT_SCHEME = "https";

/**
 * `https://example.com/3f9a…`: of the URL only its scheme is kept, whether it has a query, and whether it is a mere path.
 * An empty text stays empty.
 */
export function url({ domain = "url" }: Named<"url">, column: Column): Masked | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: "`url` is for text" };
  const room = asciiCapacity(column) - HOST.length;
  const least = DEFAULT_SCHEME.length + DISTINCT_HEX_DIGITS;
  if (room < least) return { fits: false, reason: `\`url\` needs room for ${HOST.length + least} characters` };
  const longestScheme = Math.min(LONGEST_SCHEME, room - DISTINCT_HEX_DIGITS);
  const digits = Math.min(HEX_DIGITS, room - longestScheme);
  const text = `${canonicalText(column)} COLLATE utf8mb4_bin`;
  const hashed = `LEFT(${keyedHash(domain, text)}, ${digits})`;
  const hasRoomForQuery = digits === HEX_DIGITS && room >= longestScheme + digits + QUERY.length;
  // At position 0, INSERT leaves the text as it is.
  const path = hasRoomForQuery
    ? `INSERT(${hashed}, IF(LOCATE('?', ${text}) > 0, ${PATH_HEX_DIGITS + 1}, 0), 0, '${QUERY}')`
    : hashed;
  const origin = `CASE WHEN ${text} LIKE '/%' AND ${text} NOT LIKE '//%' THEN '/'
    WHEN ${text} REGEXP '^[a-zA-Z][a-zA-Z0-9+]{0,${longestScheme - 1}}://'
      THEN CONCAT(SUBSTRING_INDEX(${text}, '://', 1), '${HOST}')
    ELSE '${DEFAULT_SCHEME}${HOST}' END`;
  return {
    fits: true,
    ...unlessEmpty("CHAR_LENGTH", column, `CONCAT(${origin}, ${path})`),
    distinctWithin: longestScheme + HOST.length + DISTINCT_HEX_DIGITS,
    distinctValues: 16 ** digits,
  };
}
