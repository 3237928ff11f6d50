// How many rows a chunk takes: as many as its session masks in about a second, found while the work runs.

/** Long against a commit, short against a function's time and against what a kill throws away. */
const TARGET_MS = 1_000;
/** Of a table that was never measured: a fraction of a second on the slowest server. */
export const FIRST_ROWS = 1_000;
const LEAST_ROWS = 100;
const MOST_ROWS = 1_000_000;
/** One measurement may be off (a cold cache, a waiting lock): no size changes by more than this at a time. */
const STEP = 4;
/** What is left is shared out among the sessions, in pieces that shrink: else all wait for the last one's full second. */
const PIECES_A_SESSION = 2;
/** But not into slivers: below this share of a full chunk its two commits begin to count. */
const SMALLEST_SHARE = 1 / 16;

/** The size that the last chunk's time speaks for. Pure. */
export function sizeAfter(size: number, rows: number, elapsedMs: number): number {
  if (rows === 0) return size;
  const wanted = (rows / Math.max(1, elapsedMs)) * TARGET_MS;
  const near = Math.min(size * STEP, Math.max(size / STEP, wanted));
  return Math.round(Math.min(MOST_ROWS, Math.max(LEAST_ROWS, near)));
}

/** The next chunk's rows, when about `rowsLeft` are not handed out yet and `sessions` work on them. Pure. */
export function nextRows(size: number, rowsLeft: number, sessions: number): number {
  const share = Math.ceil(Math.max(0, rowsLeft) / (sessions * PIECES_A_SESSION));
  return Math.max(1, Math.min(size, Math.max(share, Math.ceil(size * SMALLEST_SHARE))));
}
