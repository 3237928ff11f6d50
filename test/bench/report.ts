// Figures as a table that a person reads.
import type { MaskFigures } from "./mask.ts";
import type { Cost } from "./measure.ts";

/** One block a server. */
export function maskReport(figures: readonly MaskFigures[]): string {
  return figures.map(block).join("\n");
}

function block(figures: MaskFigures): string {
  const { server, version, cores, rows, maskedColumns, secondaryKeys } = figures;
  return [
    `${server} (${version}), ${cores} cores, ${rows.toLocaleString("en")} rows, ${maskedColumns} masked columns, ${secondaryKeys} secondary keys`,
    `${" ".repeat(46)}seconds  server's processors  client`,
    line("one UPDATE a column, one connection", figures.plain),
    line("one UPDATE of all columns, one connection", figures.single),
    line("the engine, keys restored", figures.engine),
    line("  of which keys", figures.keys),
    line("the proof", figures.proof),
    line("unmasked INSERT … SELECT, one connection", figures.floor),
    `  The engine is ${figures.timesFasterThanPlain.toFixed(1)} times faster than a column at a time, and takes ${figures.timesTheFloor.toFixed(1)} times the INSERT's time. The proof adds ${(100 * figures.proofShare).toFixed(0)} %.`,
    "",
  ].join("\n");
}

function line(what: string, { seconds, cpuSeconds, clientMegabytes }: Cost): string {
  const cpu = cpuSeconds === undefined ? "" : `${cpuSeconds.toFixed(1)} s`;
  return `  ${what.padEnd(42)}${seconds.toFixed(1).padStart(7)} s${cpu.padStart(21)}${clientMegabytes.toFixed(0).padStart(5)} MB`;
}
