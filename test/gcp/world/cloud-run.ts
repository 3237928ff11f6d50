// Cloud Run for tests: each function in a functions-framework process of its own, started by the first request for it and
// again after it died, behind one address that requests come to.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../deploy/local/servers/free-port.ts";
import { dieTogether, stopChild } from "../../../deploy/local/servers/running.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FRAMEWORK = join(ROOT, "node_modules/@google-cloud/functions-framework/build/src/main.js");
const START_MS = 30_000;
/** As Cloud Run's: `The request failed because the instance connection failed`. */
const NO_INSTANCE = 503;

export interface CloudRun {
  /** Where a function takes requests: the push endpoint of its subscription. */
  urlOf(name: string): string;
  /** Kills a function's process with SIGKILL, in the middle of whatever it does. */
  kill(name: string): Promise<void>;
  /** How many requests each function was given, by name. */
  readonly requests: ReadonlyMap<string, number>;
  /** How often a function's process was started. */
  readonly starts: ReadonlyMap<string, number>;
  /** Gives each request to the function twice, at the same time: as Pub/Sub may. */
  duplicate: boolean;
  /** A function's environment from its next start on. */
  setEnvironment(name: string, variables: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

export interface CloudRunOptions {
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Standard output and error of every function, appended. */
  readonly logFile: string;
}

interface Instance {
  readonly child: ChildProcess;
  readonly port: number;
}

export async function startCloudRun({ environments, logFile }: CloudRunOptions): Promise<CloudRun> {
  const instances = new Map<string, Promise<Instance>>();
  const variables = new Map(Object.entries(environments));
  const [requests, starts] = [new Map<string, number>(), new Map<string, number>()];
  const count = (counts: Map<string, number>, name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);

  async function instanceOf(name: string): Promise<Instance> {
    const known = instances.get(name);
    const running = await known?.catch(() => undefined);
    if (running && running.child.exitCode === null && running.child.signalCode === null) return running;
    if (instances.get(name) !== known) return instanceOf(name); // another request was faster: one instance a function
    const environment = variables.get(name);
    if (!environment) throw new Error(`There is no function ${name}.`);
    count(starts, name);
    const starting = startInstance(name, environment, logFile);
    instances.set(name, starting);
    return starting;
  }

  /** The status that a function answers with. */
  async function forward(name: string, request: IncomingMessage, body: Buffer): Promise<number> {
    try {
      const { port } = await instanceOf(name);
      const headers = { "content-type": request.headers["content-type"] ?? "application/json" };
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
      await answer.arrayBuffer();
      return answer.status;
    } catch (error) {
      appendFileSync(logFile, `Cloud Run: ${name}: ${String(error)}\n`);
      return NO_INSTANCE;
    }
  }

  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    count(requests, name);
    void buffer(request)
      .then((body) =>
        Promise.all(Array.from({ length: cloudRun.duplicate ? 2 : 1 }, () => forward(name, request, body))),
      )
      .then((statuses) => response.writeHead(Math.max(...statuses)).end())
      .catch(() => response.destroy());
  });
  const url = await listen(server);
  const cloudRun: CloudRun = {
    urlOf: (name) => `${url}/${name}`,
    requests,
    starts,
    duplicate: false,
    setEnvironment: (name, more) => void variables.set(name, { ...variables.get(name), ...more }),
    async kill(name) {
      const instance = await instances.get(name)?.catch(() => undefined);
      if (instance) await stopChild(instance.child, "SIGKILL");
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const starting of instances.values()) {
        const instance = await starting.catch(() => undefined);
        if (instance) await stopChild(instance.child, "SIGKILL");
      }
    },
  };
  return cloudRun;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startInstance(
  name: string,
  environment: Readonly<Record<string, string>>,
  logFile: string,
): Promise<Instance> {
  const port = await freePort();
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [FRAMEWORK, `--target=${name}`, "--signature-type=http", `--port=${port}`], {
    cwd: ROOT,
    stdio: ["ignore", log, log],
    env: { ...environment, FUNCTION_TARGET: name, PORT: String(port), K_SERVICE: name },
  });
  closeSync(log);
  dieTogether(child);
  const deadline = performance.now() + START_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    // functions-framework answers GET too: any answer means that it listens.
    const answer = await fetch(`http://127.0.0.1:${port}/robots.txt`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer) return { child, port };
    await sleep(50);
  }
  throw new Error(`The function ${name} did not start.`);
}
