// A stage's progress in words: how much of how much, in what, how fast, how much longer.
import type { Progress } from "../../contracts/run.ts";
import { formatBytes, formatCount, formatSeconds } from "./format.ts";
import type { Pace } from "./pace.ts";

/** From 0 to 1; undefined where the whole is not known. */
export function fractionOf({ done, total }: Progress): number | undefined {
  return total === undefined || total === 0 ? undefined : Math.min(1, done / total);
}

/** `28,160 of 50,000 rows, users, 7,210 rows/s, 3.0 s left`, without what is not known. */
export function progressText(progress: Progress, { perSecond, secondsLeft }: Pace): string {
  const { unit, done, total, doing } = progress;
  if (unit === "steps") {
    const step = total === undefined ? "" : `step ${formatCount(Math.min(done + 1, total))} of ${formatCount(total)}`;
    return [step, doing].filter(Boolean).join(", ");
  }
  const amount = (value: number) => (unit === "bytes" ? formatBytes(value) : formatCount(value));
  const unitWord = unit === "bytes" ? "" : ` ${unit}`;
  return [
    `${amount(done)}${total === undefined ? "" : ` of ${amount(total)}`}${unitWord}`,
    doing,
    perSecond === undefined ? "" : `${amount(perSecond)}${unitWord}/s`,
    secondsLeft === undefined ? "" : `${formatSeconds(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(", ");
}
