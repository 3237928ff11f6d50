// Where a run's time goes: by stage and step, between the stages, and while neither a server nor a dump tool works for it.
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { Run } from "../../contracts/run.ts";
import { reportOf } from "../../contracts/report.ts";
import type { LocalPlatform } from "../../deploy/local/platform.ts";
import type { RunId } from "../../events/run-id.ts";
import { ROLES, type Role } from "../support/sample-servers.ts";
import { connectionOptions, type TestServer } from "../support/servers.ts";
import { watchTools } from "./watch-tools.ts";

/** With 10, and readers that pause for 2, watching took a third of a processor. */
const SAMPLE_MS = 20;

/** Seconds, how long of them no server worked, and how long no dump tool did either. */
interface Spent {
  readonly seconds: number;
  /** No statement of the run was at work on any server. */
  readonly serversIdle: number;
  /** Nor did a dump tool or client use a processor: what the pipeline itself costs, with what it waits for disks. */
  readonly ownSeconds: number;
}

/** The whole run's, between stages and within. */
export interface Timeline extends Omit<Spent, "seconds"> {
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  /** By what a stage said it was doing. Stages at work at the same time share their seconds' idle ones. */
  readonly steps: Readonly<Record<string, Spent>>;
  /** Between a stage's end and the next one's start. */
  readonly betweenStages: number;
}

/** Follows a run to its end, sampling it and its servers. Throws an Error where it does not sync. */
export async function watchRun(
  { runs }: Pick<LocalPlatform, "runs">,
  runId: RunId,
  servers: Readonly<Record<Role, TestServer>>,
): Promise<Timeline> {
  await using opened = new AsyncDisposableStack();
  const connections: Connection[] = [];
  for (const role of ROLES) {
    const connection = await createConnection(connectionOptions(servers[role]));
    opened.defer(() => connection.end());
    connections.push(connection);
  }
  const isWorking = async () => {
    const lists = await Promise.all(connections.map((one) => one.query<RowDataPacket[]>("SHOW PROCESSLIST")));
    return lists.some(([rows]) => rows.some(({ User, Command }) => User === "understudy" && Command !== "Sleep"));
  };
  const toolSeconds = watchTools();
  const steps: Record<string, Spent> = {};
  let whole = NOTHING;
  let last = performance.now();
  for (;;) {
    const [run, works] = [await runs.get(runId), await isWorking()];
    const now = performance.now();
    const seconds = (now - last) / 1000;
    const at = stepsOf(run);
    const byTools = toolSeconds(at.some((step) => step.includes("importing")));
    const serversIdle = works ? 0 : seconds;
    const spent = { seconds, serversIdle, ownSeconds: Math.max(0, serversIdle - byTools) };
    whole = sum(whole, spent);
    for (const step of at) steps[step] = sum(steps[step] ?? NOTHING, spent);
    last = now;
    if (run && run.status !== "running") return { ...timelineOf(run), ...whole, steps };
    await sleep(SAMPLE_MS);
  }
}

const NOTHING: Spent = { seconds: 0, serversIdle: 0, ownSeconds: 0 };

function sum(one: Spent, other: Spent): Spent {
  return {
    seconds: one.seconds + other.seconds,
    serversIdle: one.serversIdle + other.serversIdle,
    ownSeconds: one.ownSeconds + other.ownSeconds,
  };
}

function stepsOf(run: Run | undefined): string[] {
  return Object.values(run?.stages ?? {})
    .filter(({ status }) => status === "leased")
    .map(({ stage, progress }) => `${stage}: ${(progress?.doing ?? "beginning").replaceAll(/`|:.*/g, "")}`);
}

function timelineOf(run: Run): Pick<Timeline, "stages" | "betweenStages"> {
  if (run.status !== "synced")
    throw new Error(`The run did not sync: ${"error" in run ? run.error.message : run.status}`);
  const stages = reportOf(run, new Date()).stages.map(({ name, seconds }) => ({ name, seconds }));
  const spans = Object.values(run.stages)
    .map((stage) => [Date.parse(stage.startedAt), "endedAt" in stage ? Date.parse(stage.endedAt) : 0] as const)
    .toSorted(([a], [b]) => a - b);
  let [covered, gapMs] = [Date.parse(run.openedAt), 0];
  for (const [from, to] of spans) {
    gapMs += Math.max(0, from - covered);
    covered = Math.max(covered, to);
  }
  return { stages, betweenStages: gapMs / 1000 };
}
