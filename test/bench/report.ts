// Figures as a table that a person reads.
import type { Comparison, DumpFigures } from "./dump.ts";
import type { MaskFigures } from "./mask.ts";
import type { Cost } from "./measure.ts";
import type { PreserveFigures } from "./preserve.ts";

/** One block a server. */
export function maskReport(figures: readonly MaskFigures[]): string {
  return figures.map(maskBlock).join("\n");
}

/** One block a server. */
export function preserveReport(figures: readonly PreserveFigures[]): string {
  return figures.map(preserveBlock).join("\n");
}

/** A line for each form of the dump. */
export function dumpReport({ rows, megabytes, plain, compressed }: DumpFigures): string {
  const told = (what: string, tool: string, figures: Comparison) =>
    `  ${what.padEnd(12)}${figures.seconds.toFixed(2).padStart(6)} s, ${figures.timesTheTool.toFixed(2)} times ${tool} (${figures.toolSeconds.toFixed(2)} s); ${figures.residentMegabytes.toFixed(0)} MB resident\n`;
  return [
    `rewriting a dump of ${rows.toLocaleString("en")} rows, ${megabytes.toFixed(0)} MB\n`,
    told("plain", "`cat`", plain),
    told("compressed", "`gzip -dc | gzip -1`", compressed),
  ].join("");
}

function maskBlock(figures: MaskFigures): string {
  const { server, version, cores, rows, maskedColumns, secondaryKeys } = figures;
  return [
    `${server} (${version}), ${cores} cores, ${rows.toLocaleString("en")} rows, ${maskedColumns} masked columns, ${secondaryKeys} secondary keys`,
    HEAD,
    line("one UPDATE a column, one connection", figures.plain),
    line("one UPDATE of all columns, one connection", figures.single),
    line("the engine, keys restored", figures.engine),
    line("  of which keys", figures.keys),
    line("the proof, beyond the engine", figures.proof),
    line("unmasked INSERT … SELECT, one connection", figures.floor),
    `  The engine is ${figures.timesFasterThanPlain.toFixed(1)} times faster than a column at a time, and takes ${figures.timesTheFloor.toFixed(1)} times the INSERT's time. The proof adds ${(100 * figures.proofShare).toFixed(0)} %.`,
    "",
  ].join("\n");
}

function preserveBlock(figures: PreserveFigures): string {
  const { server, version, cores, rows, copyRows, tables } = figures;
  return [
    `${server} (${version}), ${cores} cores, ${rows.toLocaleString("en")} preserved rows in ${tables} tables, a copy of ${copyRows.toLocaleString("en")}`,
    HEAD,
    line("INSERT … SELECT, one connection", figures.plain),
    line("  with foreign_key_checks off", figures.unchecked),
    line("collecting, new ids, checks", figures.deciding),
    line("inserting", figures.inserting),
    line("the proof afterwards", figures.proving),
    `  The engine takes ${figures.timesThePlain.toFixed(1)} times the INSERT's time (${figures.timesTheUnchecked.toFixed(1)} where nobody looks references up), and its process at most ${figures.clientMegabytes.toFixed(0)} MB.`,
    "",
  ].join("\n");
}

const HEAD = `${" ".repeat(46)}seconds  server's processors  client`;

function line(what: string, { seconds, cpuSeconds, clientMegabytes }: Cost): string {
  const cpu = cpuSeconds === undefined ? "" : `${cpuSeconds.toFixed(1)} s`;
  return `  ${what.padEnd(42)}${seconds.toFixed(1).padStart(7)} s${cpu.padStart(21)}${clientMegabytes.toFixed(0).padStart(5)} MB`;
}
