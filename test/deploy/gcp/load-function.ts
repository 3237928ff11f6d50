// Loads one function as functions-framework does, and tells how long it took, or what it loaded: see load-time.test.ts.
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../support/source-files.ts";

const [what, ...firstEvent] = process.argv.slice(2);
const root = `${pathToFileURL(ROOT).href}/`;
const loaded = new Set<string>();

if (what === "modules") {
  registerHooks({
    load(url, context, next) {
      const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
      if (name !== undefined || url.startsWith(root)) loaded.add(name ?? url.slice(root.length));
      return next(url, context);
    },
  });
}

const started = performance.now();
await import("../../../deploy/gcp/functions.ts");
const ready = performance.now();
// What a first event loads beside: measured without the network that it waits for meanwhile.
for (const specifier of firstEvent) await import(import.meta.resolve(specifier, root));
const firstEventReady = performance.now();

const answer = what === "modules" ? [...loaded] : { loadMs: ready - started, firstEventMs: firstEventReady - started };
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
