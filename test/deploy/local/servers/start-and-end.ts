// A program that starts a server, says its port, and ends in one of the ways that programs end.
import { setTimeout as sleep } from "node:timers/promises";
import { findServer } from "../../../../deploy/local/servers/find-server.ts";
import { startServer } from "../../../../deploy/local/servers/start-server.ts";

const [directory = "", templates = "", way] = process.argv.slice(2);
const binary = await findServer();
if (!binary) throw new Error("no server");
const server = await startServer({ name: "child", directory, binary, templates });
process.stdout.write(`${server.port}\n`);
if (way === "exit") process.exit(0);
if (way === "throw") throw new Error("uncaught, on purpose");
await sleep(60_000); // until a signal comes
