// What becomes of a work row in the copy.

/** Ours among staging's columns of a work table. */
export const FATE = "`_understudy_fate`";

export const FATES = {
  insert: 0,
  /** Production's row stands for it: nothing is inserted. */
  keep: 1,
  /** Production's row gets its values. */
  overwrite: 2,
  /** Inserted, under another name. */
  rename: 3,
} as const;

export type Fate = keyof typeof FATES;

/** A condition on a work row. */
export function hasFate(alias: string, ...fates: readonly Fate[]): string {
  return `${alias}.${FATE} IN (${fates.map((fate) => FATES[fate]).join(", ")})`;
}

/** The work row stands in the copy with its own values, inserted or in place of production's. */
export function isCarried(alias: string): string {
  return hasFate(alias, "insert", "overwrite", "rename");
}

export function isInserted(alias: string): string {
  return hasFate(alias, "insert", "rename");
}
