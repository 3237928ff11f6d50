// The two databases beside the live one: the next data before the swap, the previous data after it.

/** MySQL's limit for a database's name is 64 characters; sync.yaml is checked to leave room for these. */
export const NEXT_SUFFIX = "__next";
export const PREVIOUS_SUFFIX = "__prev";

/** Where the masked dump is loaded, beside the live data. */
export function nextDatabase(live: string): string {
  return `${live}${NEXT_SUFFIX}`;
}

/** Where the data of before the last swap waits, for an instant rollback. */
export function previousDatabase(live: string): string {
  return `${live}${PREVIOUS_SUFFIX}`;
}
