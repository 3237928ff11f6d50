// What nobody caught: told by its summary alone, for it may be MySQL's own error, whose text quotes rows.
// functions-framework would write text and stack to the log, and go on.
import { writeSync } from "node:fs";
import { summarizeError } from "../../contracts/errors.ts";

/** As functions-framework has it: none of Node's own. */
const CRASHED = 16;

/** Why a process ends: its contract and all that a log needs may not be known yet. */
export function reportEnd(error: unknown): void {
  const { code, message } = summarizeError(error);
  const entry = { severity: "CRITICAL", time: new Date().toISOString(), message, error: { code, message } };
  writeSync(1, `${JSON.stringify(entry)}\n`);
}

/**
 * Ends the process with what nobody caught. The message that was at work is answered 500, and comes again.
 *
 * Call it before functions-framework begins to listen, when it sets listeners of its own: the first one has the word.
 */
export function endOnCrash(): void {
  const end = (error: unknown): never => {
    reportEnd(error);
    process.exit(CRASHED);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}

/** functions-framework runs each request in a domain of Node's, which catches before the process does. Call in a request. */
export function leaveErrorsToProcess(): void {
  const { domain } = process as { domain?: NodeJS.EventEmitter | null };
  domain?.removeAllListeners("error");
}
