// Where log lines go: a file or standard error, never standard output, which is the result's.
import { resolve } from "node:path";
import pino from "pino";
import { FatalError } from "../contracts/errors.ts";
import type { Logger } from "../contracts/stage.ts";
import type { Command } from "./command.ts";

export interface LogOptions {
  readonly destination: Command["log"];
  /** `--log FILE`. */
  readonly file: string | undefined;
  readonly workingDirectory: string;
  readonly baseDirectory: string;
  readonly pipeline: string;
}

/** Opens the log as JSON lines. Throws FatalError `LOG_UNWRITABLE`. */
export function openLog({ destination, file, workingDirectory, baseDirectory, pipeline }: LogOptions): Logger {
  const level = destination === "warnings" && file === undefined ? "warn" : "info";
  const settings = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  const path =
    file === undefined
      ? resolve(baseDirectory, ".understudy", pipeline, "understudy.log")
      : resolve(workingDirectory, file);
  // Synchronous: a line that was written before a crash is the one that is needed after it.
  if (file === undefined && destination !== "file") return pino(settings, pino.destination({ dest: 2, sync: true }));
  try {
    return pino(settings, pino.destination({ dest: path, sync: true, mkdir: true, mode: 0o600 }));
  } catch (cause) {
    throw new FatalError(
      "LOG_UNWRITABLE",
      `The log file \`${path}\` cannot be written. Name another with \`--log FILE\`.`,
      {
        cause,
      },
    );
  }
}
