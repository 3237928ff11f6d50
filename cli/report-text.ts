// A run's report for people.
import { PATTERNS } from "../contracts/patterns.ts";
import type { ProofReport, RunReport } from "../contracts/report.ts";
import { formatCount, formatNumberOf, formatSeconds, formatTable } from "./render/format.ts";

const STATUS_WORDS = { leased: "at work", waiting: "waiting", done: "done", failed: "failed" } as const;

/** Stages with seconds and attempts, then what was masked, preserved and loaded; no newline at the end. */
export function reportText(report: RunReport): string {
  const { run, status, seconds, stages, warnings = [], error } = report;
  const table = formatTable(
    [
      ["stage", "status", "seconds", "attempts"],
      ...stages.map((stage) => [
        stage.name,
        STATUS_WORDS[stage.status],
        stage.seconds.toFixed(1),
        String(stage.attempts),
      ]),
    ],
    [2, 3],
  );
  const counts = countsOf(report);
  return [
    `Run ${run}: ${status} after ${formatSeconds(seconds)}`,
    ...(stages.length > 0 ? ["", ...indent(table)] : []),
    ...(counts.length > 0 ? ["", ...indent(formatTable(counts))] : []),
    ...warnings.flatMap((warning) => ["", `Warning: ${warning}`]),
    ...(error ? ["", `${error.code}: ${error.message}`] : []),
  ].join("\n");
}

function countsOf({ masked, preserved, staging }: RunReport): [what: string, counts: string][] {
  const lines: [string, string][] = [];
  if (masked) {
    const { tables, columns, rows, deleted = 0 } = masked;
    const counted = [formatNumberOf(tables, "table"), formatNumberOf(columns, "column"), formatNumberOf(rows, "row")];
    if (deleted > 0) counted.push(`${formatNumberOf(deleted, "row")} left behind`);
    lines.push(["masked", counted.join(", ")]);
    if (masked.proof) lines.push(...proofLines(masked.proof));
  }
  if (preserved) {
    const { tables, rows, remapped, kept = 0, overwritten = 0, renamed = 0, notes = [] } = preserved;
    const counted = [formatNumberOf(tables, "table"), formatNumberOf(rows, "row")];
    counted.push(`${formatCount(remapped)} of them with a new id`);
    if (overwritten > 0) counted.push(`${formatCount(overwritten)} in place of production's`);
    if (renamed > 0) counted.push(`${formatCount(renamed)} renamed`);
    if (kept > 0) counted.push(`${formatNumberOf(kept, "row")} left to production's`);
    lines.push(["preserved", counted.join(", ")], ...notes.map((note): [string, string] => ["", note]));
  }
  if (staging) {
    const { outageMs, backup, setAside = [] } = staging;
    lines.push(["staging", `swapped in ${formatCount(outageMs)} ms; its old data is backed up as ${backup}`]);
    if (setAside.length > 0) {
      const kept = `${formatNumberOf(setAside.length, "table")} that only staging had: ${setAside.join(", ")}`;
      lines.push(["set aside", `${kept}; in the previous data until the next run`]);
    }
  }
  return lines;
}

/** What was looked at, how much of it, and what was found: a run that found more than is allowed has no such lines. */
function proofLines(proof: ProofReport): [what: string, counts: string][] {
  const { originals, compared, visibleColumns, visibleValues, quotable, sampledTables, facts, allowed } = proof;
  const samples = sampledTables === 0 ? "" : ` (of ${formatNumberOf(sampledTables, "table")} a sample)`;
  const sought = `${formatNumberOf(quotable, "original")}${samples} and ${formatNumberOf(PATTERNS.length, "pattern")}`;
  const read = `${formatNumberOf(visibleValues, "text")} of ${formatNumberOf(visibleColumns, "visible column")} read for ${sought}`;
  return [
    ["proven", `${formatNumberOf(originals, "original")} looked for in their columns: none is left`],
    ["", `${formatNumberOf(compared, "row")} held against what their transforms give: all are that`],
    ["", `${read}: ${allowed.length === 0 ? "nothing found" : "found is only what is allowed"}`],
    ...allowed.map(({ table, column, pattern, count, of }): [string, string] => [
      "",
      `  ${table}.${column}: ${pattern}${of === undefined ? "" : ` of ${of}`}, ${formatNumberOf(count, "time")}`,
    ]),
    ["", `${formatCount(facts)} row counts, orphan counts and generated columns: as before`],
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
