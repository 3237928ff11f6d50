// A test run that starts the emulators, tells their addresses, and waits to be killed.
import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { runDirectory } from "../support/start-servers.ts";
import { startEmulators } from "./emulators.ts";

await mkdir(runDirectory());
const { environment } = await startEmulators(runDirectory());
process.stdout.write(JSON.stringify(environment));
await sleep(60_000);
