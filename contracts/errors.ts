// The two kinds of error that a stage may throw on purpose, and how an error is told without telling a row's values.

/** What an operator reads about an error: kept in run state, dead letters and logs. */
export interface ErrorSummary {
  /** Stable, SCREAMING_SNAKE; has a paragraph in docs/errors.md. */
  readonly code: string;
  /** A sentence that states the fact and the next action. Names and counts, never a row's values. */
  readonly message: string;
}

/** No retry can mend it: the stage wrapper sends the event to the dead-letter topic at once. */
export class FatalError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "FatalError";
    this.code = code;
  }
}

/** It will mend itself: deliver the event again, not before `afterMs` milliseconds. */
export class RetryAfter extends Error {
  readonly code: string;
  readonly afterMs: number;
  /** Nothing failed: another is at work, and for as long as that takes. A stage waits for it under its claim. */
  readonly busy: boolean;
  constructor(code: string, afterMs: number, message: string, options?: { cause?: unknown; busy?: boolean }) {
    super(message, options);
    this.name = "RetryAfter";
    this.code = code;
    this.afterMs = afterMs;
    this.busy = options?.busy ?? false;
  }
}

/** By name, not `instanceof`: an error may come from another copy of this module. */
export function isFatal(error: unknown): error is FatalError {
  return error instanceof Error && error.name === "FatalError";
}

/** By name, not `instanceof`: an error may come from another copy of this module. */
export function isRetryAfter(error: unknown): error is RetryAfter {
  return error instanceof Error && error.name === "RetryAfter";
}

/**
 * Tells any error in words that are safe to keep.
 *
 * Our own errors are written to be safe. A MySQL error may quote a value ("Duplicate entry 'ann@…'"), so of these only
 * the symbolic code and number are kept; of any other error only its code and class.
 */
export function summarizeError(error: unknown): ErrorSummary {
  if (isFatal(error) || isRetryAfter(error)) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return { code: "UNEXPECTED", message: "Something that is not an Error was thrown." };
  const code = codeOf(error);
  if (isMySqlError(error)) {
    return {
      code,
      message: `The MySQL server answered with error ${error.errno} (${code}). Its text is left out: it may quote a row.`,
    };
  }
  return { code, message: `Unexpected ${error.name}${code === "UNEXPECTED" ? "" : ` (${code})`}${placeOf(error)}.` };
}

/** True for errors that a MySQL server sent (mysql2 gives them a number and an SQLSTATE). */
export function isMySqlError(error: unknown): error is Error & { errno: number; code: string } {
  return error instanceof Error && "errno" in error && "sqlState" in error && typeof error.errno === "number";
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "UNEXPECTED";
}

/** Where in our code it was thrown: a file and line help a maintainer and quote nothing. */
function placeOf(error: Error): string {
  const frame = error.stack?.split("\n").find((line) => line.trimStart().startsWith("at ") && !line.includes("node:"));
  const place = frame && /([^/\\(]+:\d+):\d+\)?$/.exec(frame)?.[1];
  return place ? ` at ${place}` : "";
}
