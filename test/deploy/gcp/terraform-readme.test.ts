// deploy/gcp/README.md says what is there: names, files, and who may do what.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { type May, PERMISSIONS } from "./terraform/contracts.ts";
import { MODULE } from "./terraform/terraform.ts";

const FOLDER = resolve(MODULE, "..");
const README = readFileSync(join(FOLDER, "README.md"), "utf8");

/** The names of a kind of block: `variable "NAME" {`. */
function declared(kind: string): Set<string> {
  const files = readdirSync(MODULE).filter((name) => name.endsWith(".tf"));
  const text = files.map((name) => readFileSync(join(MODULE, name), "utf8")).join("\n");
  return new Set([...text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{`, "gm"))].map(([, name = ""]) => name));
}

test("the variables and outputs that it names are there", () => {
  const [, example = ""] = /```hcl\n([^`]*)```/.exec(README) ?? [];
  const set = [...example.matchAll(/^\s*(\w+)\s*=/gm), ...README.matchAll(/-var=(\w+)=/g)].map(([, name = ""]) => name);
  const inText = ["schedule_paused", "schedule", "time_zone", "operators", "notification_channels", "usual_minutes"];
  assert.ok(inText.every((name) => README.includes(`\`${name}`)));
  const variables = declared("variable");
  assert.deepEqual(
    [...set, ...inText].filter((name) => !variables.has(name)),
    [],
  );
  const outputs = declared("output");
  const read = [...README.matchAll(/\boutput (?:-json )?(\w+)/g)].map(([, name = ""]) => name);
  assert.ok(read.length >= 4);
  assert.deepEqual(
    read.filter((name) => !outputs.has(name)),
    [],
  );
});

test("the files that it names are there, and every file of the module that makes something is named", () => {
  const named = [...README.matchAll(/`(?:terraform\/)?([a-z-]+\.(?:tf|json))`/g)].map(([, name = ""]) => name);
  assert.deepEqual(
    named.filter((name) => !existsSync(join(MODULE, name)) && name !== "backend.tf"),
    [],
  );
  const makers = readdirSync(MODULE).filter(
    (name) => name.endsWith(".tf") && /^resource "/m.test(readFileSync(join(MODULE, name), "utf8")),
  );
  const unnamed = makers.filter((name) => !named.includes(name));
  assert.deepEqual(unnamed, []);
  for (const [, path = ""] of README.matchAll(/\]\((\.\.[^)#]+)\)/g)) assert.ok(existsSync(join(FOLDER, path)), path);
});

test("its table of permissions is permissions.json", () => {
  const rows = new Map(
    [...README.matchAll(/^\| `([a-z-]+)` +\|(.*)\|$/gm)].map(([, stage = "", cells = ""]) => [
      stage,
      cells.split("|").map((cell) => cell.trim()),
    ]),
  );
  for (const [stage, may] of Object.entries(PERMISSIONS))
    assert.deepEqual(rows.get(stage)?.slice(0, 4), cellsOf(may), stage);
});

function cellsOf(may: May): string[] {
  const short = (permissions: readonly string[]) =>
    permissions.map((one) => one.replace(/^cloudsql\.(?:instances\.)?|^storage\.objects\./, "")).join(", ");
  const instances = (["production", "replica", "staging"] as const).flatMap((role) => {
    const acts = (may[role] ?? []).filter(
      (one) => !["cloudsql.instances.get", "cloudsql.instances.list"].includes(one),
    );
    return acts.length > 0 ? [`${role}: ${short(acts)}`] : [];
  });
  const objects = [...Object.entries(may.objects ?? {}), ["bucket", may.bucket ?? []] as const].flatMap(
    ([where, acts]) => (acts.length > 0 ? [`${where}: ${short(acts)}`] : []),
  );
  return [may.publishes.join(", "), instances.join("; "), objects.join("; "), (may.secrets ?? []).join(", ")].map(
    (cell) => cell || "–",
  );
}
