// Looking into data whose shape is not known yet.

/** True for a plain map: neither null nor a list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What `value` has of its own under `name`; undefined where it is no map or list, or has nothing there. */
export function property(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** A record by names that users chose: `constructor` is a name like any other. */
export function recordOf<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  const record: Record<string, Value> = Object.fromEntries(entries);
  Object.setPrototypeOf(record, null);
  return record;
}
