// What each function loads before it takes its first request, and how long that takes here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { consumers } from "../../../handlers/consumers.ts";

const CONTRACT = `pipeline: shop
production: { instance: "acme-prod:europe-west1:shop", database: shop }
replica: { instance: "acme-sync:europe-west1:shop-replica", database: shop }
staging: { instance: "acme-dev:europe-west1:shop", database: shop }
dumps: gs://acme-sync-dumps/shop
masking: { key: secret://acme-sync/masking-key, tables: {} }
`;

/** What every function needs to take a request: the framework, schemas, the contract, the log, credentials. */
const BASE = ["@google-cloud/functions-framework", "zod", "yaml", "pino", "google-auth-library"];
/** Each is loaded with the first use of its part of the platform. */
const LATER = [
  ...["@google-cloud/firestore", "@google-cloud/pubsub", "@google-cloud/storage", "@google-cloud/cloud-sql-connector"],
  ...["@googleapis/sqladmin", "google-gax", "@grpc/grpc-js", "mysql2"],
];

const [state, bus, sql, objects] = [
  ...["@google-cloud/firestore", "@google-cloud/pubsub", "@googleapis/sqladmin", "@google-cloud/storage"],
] as const;
const session = ["@google-cloud/cloud-sql-connector", "mysql2/promise"] as const;

interface Expected {
  /** Folders of the engines in handlers/. */
  readonly engines: readonly string[];
  /** What an ordinary first event loads beside. */
  readonly firstEvent: readonly string[];
}

const FUNCTIONS: Readonly<Record<string, Expected>> = {
  // Before it exports anything, production's schema is held against all that the contract says.
  "export-production": { engines: ["masking", "mysql", "preserving"], firstEvent: [state, sql, ...session, bus] },
  "dump-finalized": { engines: [], firstEvent: [state, objects, bus] },
  // Where nobody read production, staging is held against `preserve` before a dump is loaded.
  "load-replica": {
    engines: ["dump", "masking", "mysql", "preserving", "swapping"],
    firstEvent: [state, sql, ...session, objects, bus],
  },
  mask: { engines: ["masking", "mysql"], firstEvent: [state, sql, ...session, bus] },
  preserve: { engines: ["masking", "mysql", "preserving"], firstEvent: [state, sql, ...session, bus] },
  "export-replica": { engines: ["mysql", "swapping"], firstEvent: [state, sql, ...session, objects, bus] },
  "load-staging": { engines: ["dump", "mysql", "swapping"], firstEvent: [state, sql, ...session, objects, bus] },
  abandon: { engines: ["dump", "mysql", "swapping"], firstEvent: [state, sql, ...session, objects] },
  rollback: { engines: ["dump", "mysql", "swapping"], firstEvent: [state, sql, ...session, objects] },
  "dead-letter": { engines: [], firstEvent: [state] },
};

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "load-time-"));
  await writeFile(join(directory, "sync.yaml"), CONTRACT);
});
after(() => rm(directory, { recursive: true, force: true }));

/** Loads a function in a process of its own, without Node's compile cache: as a new instance does. */
async function load(name: string, ...parameters: readonly string[]): Promise<unknown> {
  const { NODE_COMPILE_CACHE: _cache, ...environment } = process.env;
  const script = join(import.meta.dirname, "load-function.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...parameters], {
    env: { ...environment, FUNCTION_TARGET: name, UNDERSTUDY_CONTRACT: join(directory, "sync.yaml") },
  });
  return JSON.parse(stdout);
}

test("there is a line here for every function", () => {
  assert.deepEqual(
    consumers.map(({ name }) => name),
    Object.keys(FUNCTIONS),
  );
});

for (const [name, { engines, firstEvent }] of Object.entries(FUNCTIONS)) {
  test(`${name} loads what its stage needs and nothing else`, async (t) => {
    const modules = new Set((await load(name, "modules")) as readonly string[]);
    for (const needed of BASE) assert.ok(modules.has(needed), needed);
    assert.deepEqual(
      LATER.filter((library) => modules.has(library)),
      [],
    );
    const folders = [...modules].map((path) => /^handlers\/(?!state\/)([^/]+)\//.exec(path)?.[1]);
    assert.deepEqual([...new Set(folders)].filter((folder) => folder !== undefined).toSorted(), engines);

    const { loadMs, firstEventMs } = (await load(name, "times", ...firstEvent)) as Record<string, number>;
    t.diagnostic(
      `takes requests after ${loadMs?.toFixed()} ms; with all of its first event ${firstEventMs?.toFixed()} ms`,
    );
  });
}
