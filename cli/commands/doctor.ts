// `understudy doctor`: everything that a run needs, looked at before the first one.
import type { Finding, Status } from "../../contracts/examination.ts";
import type { Command, CommandContext } from "../command.ts";
import { formatNumberOf, formatTable } from "../render/format.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "Examines servers, permissions and settings before the first run",
  description:
    "Checks everything that a run needs and changes nothing: servers and their versions, settings, accounts, disk room,\nsecrets, and on Google Cloud also APIs, roles, the bucket, topics and subscriptions. Each line that is not ok has its\nremedy. Exit code 0 where nothing failed and everything could be checked; a warning is no failure.",
  parameters: [],
  options: {},
  log: "warnings",
  async run(context) {
    const findings = await collect(context);
    const failed = findings.some(({ status }) => status === "failed" || status === "unknown");
    return { exitCode: failed ? 1 : 0, json: { ok: !failed, findings }, text: textOf(context, findings) };
  },
};

/** On a terminal a line says what was looked at last; the table comes when it is complete. */
async function collect({ world, screen }: CommandContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  const draw = (line: string) => screen.isTTY && screen.write(`\r\u001b[K${line}`);
  for await (const finding of world.examine()) {
    findings.push(finding);
    draw(`${findings.length}  ${finding.area}: ${finding.check}`.slice(0, (screen.columns ?? 80) - 1));
  }
  draw("");
  return findings;
}

/** As the table says it; in the order of what to look at first. */
const WORDS: Readonly<Record<Status, string>> = {
  failed: "FAILED",
  unknown: "NOT CHECKED",
  warning: "warning",
  ok: "ok",
};

function textOf({ contract, contractFile }: CommandContext, findings: readonly Finding[]): string {
  const lines = formatTable(findings.map(({ check, status, detail }) => [WORDS[status], check, detail]));
  const told = findings.map((finding, i) => ({ ...finding, line: lines[i] ?? "" }));
  return [
    `Pipeline ${contract.pipeline} of ${contractFile}`,
    ...[...Map.groupBy(told, ({ area }) => area)].flatMap(([area, own]) => [
      "",
      area,
      ...own.flatMap(({ line, remedy }) => [`  ${line}`, ...(remedy === undefined ? [] : [`      → ${remedy}`])]),
    ]),
    "",
    summaryOf(findings),
  ].join("\n");
}

function summaryOf(findings: readonly Finding[]): string {
  const counts = (Object.keys(WORDS) as Status[]).flatMap((status) => {
    const count = findings.filter((finding) => finding.status === status).length;
    return count === 0 ? [] : `${count} ${WORDS[status].toLowerCase()}`;
  });
  return `${formatNumberOf(findings.length, "check")}: ${counts.join(", ")}.`;
}
