// A whole sync's figures as a table that a person reads.
import type { PlainSync, SyncFigures } from "./sync.ts";

/** So many steps are told: the longest. */
const STEPS = 12;

export function syncReport({ pipeline, plain, unmasked, ...figures }: SyncFigures): string {
  const { server, version, cores, rows, timesThePlain, timesTheUnmasked } = figures;
  return [
    `${server} (${version}), ${cores} cores, ${rows.toLocaleString("en")} rows in 8 tables`,
    `${" ".repeat(46)}seconds  staging's outage`,
    line("dump and load twice, one UPDATE a column", plain),
    line("dump and load twice, unmasked", unmasked),
    line("the pipeline: masked, proven, preserved, swapped", pipeline),
    `  It takes ${timesThePlain.toFixed(2)} times the plain way's time, and ${timesTheUnmasked.toFixed(2)} times that without masking.`,
    `  plain: to the replica ${seconds(plain.toReplica)}, masking ${seconds(plain.masking)}, to staging ${seconds(plain.toStaging)}`,
    `  between stages ${seconds(pipeline.betweenStages)}; no server at work ${seconds(pipeline.serversIdle)}; no server and no dump tool ${seconds(pipeline.ownSeconds)}`,
    `  stages: ${pipeline.stages.map(({ name, seconds: s }) => `${name} ${seconds(s)}`).join(", ")}`,
    ...Object.entries(pipeline.steps)
      .toSorted(([, a], [, b]) => b.seconds - a.seconds)
      .slice(0, STEPS)
      .map(
        ([step, { seconds: all, serversIdle, ownSeconds }]) =>
          `    ${step.padEnd(52)}${seconds(all).padStart(9)}, no server ${seconds(serversIdle)}, no tool either ${seconds(ownSeconds)}`,
      ),
    "",
  ].join("\n");
}

function line(what: string, sync: Pick<PlainSync, "seconds" | "outageSeconds">): string {
  return `  ${what.padEnd(50)}${seconds(sync.seconds).padStart(9)}${seconds(sync.outageSeconds).padStart(12)}`;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
