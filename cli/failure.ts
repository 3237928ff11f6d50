// How a command says that it failed.
import { isFatal, isRetryAfter, summarizeError, type ErrorSummary } from "../contracts/errors.ts";
import { UsageError } from "./arguments.ts";

export interface Failure extends ErrorSummary {
  readonly exitCode: 1 | 2;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { code: error.code, message: error.message, exitCode: 2 };
  return { ...summarizeError(error), exitCode: 1 };
}

/** The sentence, and where to read more: each code of ours has a paragraph. */
export function failureText(error: unknown): string {
  const { code, message } = failureOf(error);
  if (error instanceof UsageError) {
    return `${message}\n\`understudy ${error.command === undefined ? "--help" : `${error.command} --help`}\` tells what there is.`;
  }
  const more = isFatal(error) || isRetryAfter(error) ? `\nSee docs/errors.md#${code.toLowerCase()}` : "";
  return `${code}:${message.includes("\n") ? "\n" : " "}${message}${more}`;
}
