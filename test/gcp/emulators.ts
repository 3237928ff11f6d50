// Google's own Pub/Sub and Firestore emulators, from the gcloud SDK, for one test run.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, globSync, openSync, writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../../deploy/local/servers/free-port.ts";
import { dieTogether, stopChild } from "../../deploy/local/servers/running.ts";

const execute = promisify(execFile);

type Environment = Readonly<Record<string, string | undefined>>;

interface Emulator {
  /** gcloud's name of the component; also its folder in the SDK. */
  readonly component: string;
  /** The variable that Google's clients read. */
  readonly variable: "PUBSUB_EMULATOR_HOST" | "FIRESTORE_EMULATOR_HOST";
  /** Below the SDK's `platform/`. */
  readonly jar: string;
  /** How java is told to start it. */
  readonly main: (jar: string) => readonly string[];
}

const EMULATORS: readonly Emulator[] = [
  {
    component: "pubsub-emulator",
    variable: "PUBSUB_EMULATOR_HOST",
    jar: "pubsub-emulator/lib/cloud-pubsub-emulator-*.jar",
    main: (jar) => ["-jar", jar],
  },
  {
    component: "cloud-firestore-emulator",
    variable: "FIRESTORE_EMULATOR_HOST",
    jar: "cloud-firestore-emulator/cloud-firestore-emulator.jar",
    main: (jar) => ["-cp", jar, "com.google.cloud.datastore.emulator.firestore.CloudFirestore"],
  },
];

/** They keep everything in memory: a test run's topics and documents are a few megabytes. */
const JAVA_OPTIONS = ["-Xmx384m", "-XX:+UseSerialGC", "-Duser.language=en"];
const START_MS = 60_000;

export interface Emulators {
  /** PUBSUB_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST, `HOST:PORT` each, for the tests' environment. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts the emulators in `directory`, a folder of this run alone, in about 3 s. One whose address the environment has
 * already is used as it is.
 *
 * They end with this process; after a SIGKILL, `removeDeadRuns` of the next run ends them by their `server.pid`.
 *
 * @throws Error that says in words what is missing.
 */
export async function startEmulators(directory: string, environment: Environment = process.env): Promise<Emulators> {
  const children: ChildProcess[] = [];
  const stop = async () => void (await Promise.all(children.map((child) => stopChild(child, "SIGKILL"))));
  try {
    const wanted = EMULATORS.filter(({ variable }) => !environment[variable]);
    const commands = wanted.length > 0 ? await findCommands(wanted, environment) : [];
    const started = await Promise.all(
      commands.map(async ({ emulator, command }) => {
        const host = await start(command, join(directory, emulator.component), children);
        return [emulator.variable, host] as const;
      }),
    );
    const given = EMULATORS.map(({ variable }) => [variable, environment[variable] ?? ""] as const);
    return { environment: Object.fromEntries([...given, ...started]), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The java command of each emulator, without its address. */
async function findCommands(emulators: readonly Emulator[], environment: Environment) {
  const java = environment["JAVA_HOME"] ? join(environment["JAVA_HOME"], "bin/java") : "java";
  await execute(java, ["-version"], { env: environment }).catch(() => {
    throw new Error("no java: install default-jre-headless");
  });
  const platform = join(await sdkRoot(environment), "platform");
  return emulators.map((emulator) => {
    const [jar] = globSync(join(platform, emulator.jar));
    if (!jar) {
      throw new Error(
        `no gcloud SDK with ${emulator.component}: \`gcloud components install ${emulator.component}\`, or apt-get install google-cloud-cli-${emulator.component.replace("cloud-", "")}`,
      );
    }
    return { emulator, command: [java, ...JAVA_OPTIONS, ...emulator.main(jar)] };
  });
}

async function sdkRoot(environment: Environment): Promise<string> {
  const given = environment["CLOUDSDK_ROOT_DIR"];
  if (given) return given;
  const asked = await execute("gcloud", ["info", "--format=value(installation.sdk_root)"], { env: environment }).catch(
    () => {
      throw new Error("no gcloud: install the gcloud SDK, https://cloud.google.com/sdk/docs/install");
    },
  );
  return asked.stdout.trim();
}

/** Starts one in a folder of its own, on another port while the one it was given is taken meanwhile. */
async function start(command: readonly string[], directory: string, children: ChildProcess[]): Promise<string> {
  await mkdir(directory, { recursive: true });
  const logFile = join(directory, "server.log");
  for (let attempt = 1; ; attempt++) {
    const host = `127.0.0.1:${await freePort()}`;
    const child = launch(command, host, directory, logFile);
    children.push(child);
    if (await answers(child, host)) return host;
    await stopChild(child, "SIGKILL");
    const log = await readFile(logFile, "utf8");
    if (attempt === 3 || !/address already in use/i.test(log)) {
      throw new Error(`${command.at(-1)} did not start: ${log.trim().split("\n").at(-1) ?? ""}`);
    }
  }
}

function launch([java = "java", ...options]: readonly string[], host: string, directory: string, logFile: string) {
  const pidFile = join(directory, "server.pid");
  const [name = "", port = ""] = host.split(":");
  const log = openSync(logFile, "w");
  // The property means nothing to java: `stopLeftover` knows the process of a killed run by it.
  const child = spawn(java, [`-D--pid-file=${pidFile}`, ...options, `--host=${name}`, `--port=${port}`], {
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  writeFileSync(pidFile, String(child.pid));
  dieTogether(child);
  return child;
}

/** Whether it answers before it ends, and within START_MS. */
async function answers(child: ChildProcess, host: string): Promise<boolean> {
  const ended = once(child, "exit").catch(() => undefined);
  const deadline = performance.now() + START_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const answer = await fetch(`http://${host}/`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return true;
    await Promise.race([sleep(100), ended]);
  }
  return false;
}
