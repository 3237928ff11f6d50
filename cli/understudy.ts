#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=2
// `understudy`: the program as npx starts it.
import { constants } from "node:os";
import { failureText } from "./failure.ts";
import { main } from "./main.ts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The first lets the stages put their work down; who asks again does not want to wait for that.
    if (interrupt.signal.aborted) process.exit(128 + constants.signals[name]);
    interrupt.abort();
  });
}

// What nobody caught may be MySQL's own error, whose text and statement quote rows: Node would print both.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(1);
});

// `understudy runs | head` closes the pipe early: nobody reads on, and nothing is wrong.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingDirectory: process.cwd(),
  signal: interrupt.signal,
  // Loaded when it is needed: help and a wrong command line answer at once.
  openWorld: async (contract, options) => (await import("../deploy/world.ts")).openWorld(contract, options),
});
