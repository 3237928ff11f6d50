// `understudy runs`: the pipeline's runs, the newest first.
import { endOf, reportOf, stageLabel } from "../../contracts/report.ts";
import type { Run } from "../../contracts/run.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { formatSeconds, formatTable } from "../render/format.ts";

const DEFAULT_LIMIT = 20;

export const runs: Command = {
  name: "runs",
  summary: "Lists the runs, the newest first",
  description: "Lists the pipeline's runs, the newest first.",
  parameters: [],
  options: {
    limit: { type: "string", value: "N", description: `At most so many; ${DEFAULT_LIMIT} where it is left out.` },
  },
  log: "warnings",
  async run({ world, contract, options }) {
    const { platform } = world;
    const now = platform.clock.now();
    const found = await platform.runs.list(contract.pipeline, limitOf(options["limit"]));
    const json = found.map((run) => ({
      run: run.runId,
      status: run.status,
      openedAt: run.openedAt,
      endedAt: endOf(run) ?? null,
      seconds: reportOf(run, now).seconds,
      requestedBy: run.requestedBy ?? null,
      at: whereIs(run),
    }));
    const rows = json.map(({ run, status, openedAt, seconds, requestedBy, at }) => {
      const opened = openedAt.slice(0, 19).replace("T", " ");
      return [run, status, opened, formatSeconds(seconds), requestedBy ?? "", at ?? ""];
    });
    const header = ["run", "status", "opened (UTC)", "took", "requested by", "at"];
    const text =
      rows.length === 0 ? `No runs of \`${contract.pipeline}\` yet.` : formatTable([header, ...rows]).join("\n");
    return { exitCode: 0, json, text };
  },
};

/** The stage that failed, or the one that began last; null for a run that is over. */
function whereIs(run: Run): string | null {
  if (run.status === "failed") return run.failedStage;
  if (run.status !== "running") return null;
  const open = Object.values(run.stages).filter(({ status }) => status !== "done");
  const last = open.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).at(-1);
  return last ? stageLabel(last) : null;
}

function limitOf(given: string | boolean | undefined): number {
  if (given === undefined) return DEFAULT_LIMIT;
  const limit = Number(given);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`\`--limit\` is not a number from 1 up: \`${String(given)}\`.`, "runs");
}
