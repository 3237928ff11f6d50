// What `understudy doctor` prints of findings, and how it ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { doctor } from "../../cli/commands/doctor.ts";
import type { CommandContext } from "../../cli/command.ts";
import { examine, failed, ok, unknown, type Verdict, warning } from "../../contracts/examination.ts";
import { openPipe, openTerminal } from "./screen.ts";

const HEALTHY: readonly (readonly [area: string, check: string, verdict: Verdict])[] = [
  ["replica", "version", ok("MySQL 8.0")],
  ["bucket", "uniform access", ok("on")],
  ["replica", "disk room", ok("20 GB")],
];

function contextOf(list: typeof HEALTHY, screen: CommandContext["screen"] = openPipe()): CommandContext {
  const world = {
    async *examine() {
      for (const [area, check, verdict] of list) yield { area, check, ...verdict };
    },
  };
  return { world, contract: { pipeline: "shop" }, contractFile: "sync.yaml", screen } as unknown as CommandContext;
}

test("findings stand under their area, each with its remedy, and the end counts them", async () => {
  const { text, exitCode } = await doctor.run(
    contextOf([
      ...HEALTHY,
      ["bucket", "staging may read", failed("it may not", "gcloud storage buckets …")],
      ["bucket", "location", warning("US", "Move it.")],
      ["APIs", "enabled", unknown("403", "Ask for a role.")],
    ]),
  );
  assert.equal(exitCode, 1);
  assert.equal(
    text,
    `Pipeline shop of sync.yaml

replica
  ok           version           MySQL 8.0
  ok           disk room         20 GB

bucket
  ok           uniform access    on
  FAILED       staging may read  it may not
      → gcloud storage buckets …
  warning      location          US
      → Move it.

APIs
  NOT CHECKED  enabled           403
      → Ask for a role.

6 checks: 1 failed, 1 not checked, 1 warning, 3 ok.`,
  );
});

test("only a failure and what could not be checked fail", async () => {
  const codeOf = async (verdict: Verdict) => (await doctor.run(contextOf([...HEALTHY, ["x", "y", verdict]]))).exitCode;
  assert.deepEqual(
    await Promise.all([ok("a"), warning("a", "b"), failed("a", "b"), unknown("a", "b")].map(codeOf)),
    [0, 0, 1, 1],
  );
});

test("a terminal shows what is looked at and keeps nothing of it; a pipe gets nothing", async () => {
  const [terminal, pipe] = [openTerminal(40), openPipe()];
  await doctor.run(contextOf(HEALTHY, terminal));
  assert.match(terminal.text(), /\r\u001b\[K2 {2}bucket: uniform access/);
  assert.ok(terminal.text().endsWith("\r\u001b[K"));
  await doctor.run(contextOf(HEALTHY, pipe));
  assert.equal(pipe.text(), "");
});

test("checks that share an error tell it once, with their number, and findings keep the list's order", async () => {
  const shared = Promise.reject(new Error("out of reach"));
  const checks = [
    { area: "a", check: "1", run: () => shared },
    { area: "a", check: "2", run: async () => shared },
    { area: "a", check: "3", run: async () => ok("fine") },
    {
      ...{ area: "b", check: "1" },
      run: async () => {
        throw new Error("out of reach");
      },
    },
  ];
  const told: string[] = [];
  for await (const { area, check, detail } of examine(checks, (error) => unknown((error as Error).message, "Look."))) {
    told.push(`${area}${check} ${detail}`);
  }
  assert.deepEqual(told, ["a1 out of reach (2 checks need it)", "a3 fine", "b1 out of reach"]);
});
