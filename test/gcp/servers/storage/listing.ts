// objects.list: names in order, folders by delimiter, pages: https://cloud.google.com/storage/docs/json_api/v1/objects/list
import type { StoredObject } from "./object.ts";

export interface ListQuery {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly startOffset?: string | undefined;
  readonly endOffset?: string | undefined;
  readonly pageToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface Page {
  readonly items: readonly StoredObject[];
  readonly prefixes: readonly string[];
  readonly nextPageToken?: string;
}

/**
 * One page.
 *
 * @param objects in the order of their names' bytes.
 * @param maxPage more than this is never given at once, whatever is asked for.
 */
export function listObjects(objects: readonly StoredObject[], query: ListQuery, maxPage: number): Page {
  const entries = entriesOf(objects, query);
  const after = query.pageToken === undefined ? undefined : Buffer.from(query.pageToken, "base64url");
  const rest = [...entries].filter(([entry]) => !after || Buffer.compare(Buffer.from(entry), after) > 0);
  const page = rest.slice(0, Math.min(query.maxResults || maxPage, maxPage));
  const last = page.at(-1);
  return {
    items: page.flatMap(([, object]) => object ?? []),
    prefixes: page.filter(([, object]) => object === undefined).map(([prefix]) => prefix),
    ...(last && page.length < rest.length && { nextPageToken: Buffer.from(last[0]).toString("base64url") }),
  };
}

/** Objects by name; the names that go on beyond a delimiter as one entry without an object. */
function entriesOf(objects: readonly StoredObject[], query: ListQuery): Map<string, StoredObject | undefined> {
  const { prefix = "", delimiter, startOffset, endOffset } = query;
  const entries = new Map<string, StoredObject | undefined>();
  for (const object of objects) {
    const { name } = object;
    if (!name.startsWith(prefix)) continue;
    if (startOffset && isBefore(name, startOffset)) continue;
    if (endOffset && !isBefore(name, endOffset)) continue;
    const end = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
    if (delimiter && end >= 0) entries.set(name.slice(0, end + delimiter.length), undefined);
    else entries.set(name, object);
  }
  return entries;
}

function isBefore(name: string, other: string): boolean {
  return Buffer.compare(Buffer.from(name), Buffer.from(other)) < 0;
}
