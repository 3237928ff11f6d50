// The log in Cloud Logging's structured form, one JSON line an entry on standard output.
// https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
import pino from "pino";
import { summarizeError } from "../../contracts/errors.ts";
import type { Logger } from "../../contracts/stage.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import { currentTrace } from "./trace.ts";

/** https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity */
const SEVERITIES: Readonly<Record<string, string>> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

/** An error in a log line: its code and a sentence that quotes no row, whoever made it. */
const asSummary = (value: unknown): unknown => (value instanceof Error ? summarizeError(value) : value);

/**
 * Opens the log of a pipeline's functions. Each line has the trace of the delivery that it was written in.
 *
 * @param destination left out: standard output, synchronously: the line before a crash is the one that is needed
 */
export function openCloudLog(
  { project, pipeline }: Pick<CloudContract, "project" | "pipeline">,
  destination: pino.DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    {
      base: { "logging.googleapis.com/labels": { pipeline } },
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: SEVERITIES[label] ?? "DEFAULT" }) },
      serializers: { error: asSummary, err: asSummary },
      mixin() {
        const trace = currentTrace();
        if (!trace) return {};
        return {
          "logging.googleapis.com/trace": `projects/${project}/traces/${trace.traceId}`,
          "logging.googleapis.com/spanId": trace.spanId,
          "logging.googleapis.com/trace_sampled": trace.sampled,
        };
      },
    },
    destination,
  );
}
