// A batch of a step: the work rows of one table between two numbers.
import { NUMBER } from "./workspace.ts";

/** Work rows with numbers over `after`, up to `upTo`. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
}

/** A condition on a work row. */
export function within({ after, upTo }: Range, row = "s"): string {
  return `${row}.${NUMBER} > ${after} AND ${row}.${NUMBER} <= ${upTo}`;
}
