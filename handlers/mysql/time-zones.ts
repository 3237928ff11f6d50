// Time zones by name, such as `Asia/Tokyo`: a server whose tables of them are empty gives NULL where another converts, and
// no error. https://dev.mysql.com/doc/refman/8.4/en/time-zone-support.html#time-zone-installation
import type { ReadSession } from "../../contracts/platform.ts";

/** CONVERT_TZ between two offsets, which every server knows. */
const BETWEEN_OFFSETS =
  /convert_tz\((?:(?!convert_tz\().)*?,\s*(?:_\w+)?'[+-]\d\d?:\d\d',\s*(?:_\w+)?'[+-]\d\d?:\d\d'\)/gis;

/** The views of a database that convert by names which only their own server knows. */
export async function viewsLackingTimeZones(from: ReadSession, database: string, to: ReadSession): Promise<string[]> {
  if ((await knowsTimeZones(to)) || !(await knowsTimeZones(from))) return [];
  const views = await from.query<{ name: string; text: string }>(
    `SELECT table_name AS name, view_definition AS text FROM information_schema.views
     WHERE table_schema = ? AND view_definition LIKE '%convert_tz(%' ORDER BY 1`,
    [database],
  );
  return views.filter(({ text }) => /convert_tz\(/i.test(text.replaceAll(BETWEEN_OFFSETS, ""))).map(({ name }) => name);
}

async function knowsTimeZones(session: ReadSession): Promise<boolean> {
  const [row] = await session.query<{ converted: string | null }>(
    "SELECT CONVERT_TZ('2026-01-01 00:00:00', 'Europe/London', '+00:00') AS converted",
  );
  return row?.converted != null;
}
