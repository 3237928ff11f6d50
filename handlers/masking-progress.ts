// Masking's progress as a run keeps it: how far all tables are, and the table at work with its rate and time left.
import type { StageContext } from "../contracts/stage.ts";
import type { MaskingProgress } from "./masking/index.ts";

/** Tells a stage's progress over all tables that the engine has told of: it tells of each before the first row. */
export function overAllTables(progress: StageContext["progress"]): (told: MaskingProgress) => void {
  const tables = new Map<string, { readonly done: number; readonly total: number }>();
  return (told) => {
    tables.set(told.table, { done: told.rowsDone, total: told.rowsTotal });
    const all = [...tables.values()];
    const sum = (of: "done" | "total") => all.reduce((rows, counts) => rows + counts[of], 0);
    progress({ unit: "rows", done: sum("done"), total: sum("total"), doing: describeTable(told) });
  };
}

/** ``masking `users`: 41 %, 12,340 rows/s, 12 s left``, without what is not known yet. */
export function describeTable({ doing, table, rowsDone, rowsTotal, ...pace }: MaskingProgress): string {
  const { rowsPerSecond, secondsLeft } = pace;
  const what = `${doing === "masking" ? "masking" : "restoring keys of"} \`${table}\``;
  if (doing !== "masking" || rowsPerSecond === undefined || secondsLeft === undefined) return what;
  const percent = rowsTotal === 0 ? 100 : Math.floor((100 * Math.min(rowsDone, rowsTotal)) / rowsTotal);
  return `${what}: ${percent} %, ${Math.round(rowsPerSecond).toLocaleString("en")} rows/s, ${timeOf(secondsLeft)} left`;
}

function timeOf(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
