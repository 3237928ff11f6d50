// What a check finds: a code, and a clause with names and a count.
export interface Finding {
  readonly code: string;
  readonly fact: string;
}

/** One finding, or none where there is nothing to count. */
export function found(n: number, code: string, fact: (n: number) => string): Finding[] {
  return n === 0 ? [] : [{ code, fact: fact(n) }];
}
