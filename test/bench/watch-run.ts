// Where a run's time goes: by stage and step, between the stages, and while no server works for it.
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { Run } from "../../contracts/run.ts";
import { reportOf } from "../../contracts/report.ts";
import type { LocalPlatform } from "../../deploy/local/platform.ts";
import type { RunId } from "../../events/run-id.ts";
import { ROLES, type Role } from "../support/sample-servers.ts";
import { connectionOptions, type TestServer } from "../support/servers.ts";

const SAMPLE_MS = 10;

export interface Timeline {
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  /** By what a stage said it was doing: how long, and how long of that no server worked. */
  readonly steps: Readonly<Record<string, { readonly seconds: number; readonly serversIdle: number }>>;
  /** Between a stage's end and the next one's start. */
  readonly betweenStages: number;
  /** No statement of the run was at work on any server, between stages or within: what the pipeline itself costs, with what
   *  dump tools do between two statements. */
  readonly serversIdle: number;
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
  const steps: Record<string, { seconds: number; serversIdle: number }> = {};
  let [serversIdle, last] = [0, performance.now()];
  for (;;) {
    const [run, works] = [await runs.get(runId), await isWorking()];
    const now = performance.now();
    const seconds = (now - last) / 1000;
    const idle = works ? 0 : seconds;
    serversIdle += idle;
    for (const step of stepsOf(run)) {
      const so = (steps[step] ??= { seconds: 0, serversIdle: 0 });
      so.seconds += seconds;
      so.serversIdle += idle;
    }
    last = now;
    if (run && run.status !== "running") return { ...timelineOf(run), steps, serversIdle };
    await sleep(SAMPLE_MS);
  }
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
