// From what was found in visible text to a verdict: allowed, explained by chance, or a reason to stop.
import { FatalError } from "../../../contracts/errors.ts";
import { type Allowable, type Allowance, PATTERNS } from "../../../contracts/patterns.ts";
import { columnId } from "../column-kind.ts";
import type { Ledger } from "../ledger.ts";
import { isBeyondChance } from "../patterns/index.ts";
import type { QuotationIndex } from "./quotations.ts";
import type { ColumnFindings } from "./scan.ts";

/** So much of one kind stands in a column. */
export interface Finding {
  readonly table: string;
  readonly column: string;
  readonly pattern: Allowable;
  readonly count: number;
  /** For `original`: the masked column whose values are quoted. */
  readonly of?: string;
}

/** What stands in a table's columns beyond chance. */
export function findingsOf(
  table: string,
  columns: readonly ColumnFindings[],
  ledger: Ledger,
  index: QuotationIndex,
): Finding[] {
  const names = new Map(
    ledger.tables.flatMap(({ plan, columns: own }) =>
      own.map(({ id, plan: { column } }) => [String(id), `${plan.table}.${column}`] as const),
    ),
  );
  return columns.flatMap((findings) => {
    const { column, tallies } = findings;
    const quoted = new Map(Object.entries(findings.words));
    if (numbersBeyondChance(findings, index)) {
      for (const [id, count] of Object.entries(findings.numbers)) quoted.set(id, (quoted.get(id) ?? 0) + count);
    }
    return [
      ...PATTERNS.flatMap((pattern): Finding[] => {
        const tally = tallies[pattern];
        return tally && isBeyondChance(pattern, tally) ? [{ table, column, pattern, count: tally.found }] : [];
      }),
      ...[...quoted].map(([id, count]): Finding => ({
        ...{ table, column, pattern: "original", count },
        of: names.get(id) ?? "another column",
      })),
    ];
  });
}

/**
 * Two numbers of ten digits are equal once in nine thousand million times, so ten million of them among as many originals
 * meet by themselves. Five standard deviations are allowed.
 */
function numbersBeyondChance({ numbers, tried }: ColumnFindings, index: QuotationIndex): boolean {
  const expected = Object.entries(tried).reduce((sum, [digits, count]) => {
    return sum + (count * (index.numbers.get(Number(digits)) ?? 0)) / (9 * 10 ** (Number(digits) - 1));
  }, 0);
  const found = Object.values(numbers).reduce((sum, count) => sum + count, 0);
  // Below one in a thousand, chance is no excuse.
  return expected < 0.001 ? found > 0 : found > expected + 5 * Math.sqrt(expected) + 1;
}

export function isAllowed({ table, column, pattern }: Finding, allow: readonly Allowance[]): boolean {
  return allow.some(
    (own) => own.table === table && columnId(own.column) === columnId(column) && own.patterns.includes(pattern),
  );
}

/** @throws FatalError `MASK_ORIGINAL_QUOTED` or `MASK_PATTERN_FOUND` naming every place, with counts and no value. */
export function refuseFindings(findings: readonly Finding[], allow: readonly Allowance[]): void {
  const refused = findings.filter((finding) => !isAllowed(finding, allow));
  if (refused.length === 0) return;
  const places = refused.map(
    ({ table, column, pattern, count, of }) =>
      `\`${table}.${column}\`: \`${pattern}\`${of === undefined ? "" : ` of \`${of}\``}, ${count} times`,
  );
  const isQuoted = refused.some(({ pattern }) => pattern === "original");
  throw new FatalError(
    isQuoted ? "MASK_ORIGINAL_QUOTED" : "MASK_PATTERN_FOUND",
    `Columns that are kept hold ${isQuoted ? "values of masked columns" : "personal data"}, and nothing was handed on:\n${places.join("\n")}\nMask these columns in sync.yaml, or allow what is no one's under \`masking.allow\`, then replay the run: \`- { table: ${refused[0]?.table}, column: ${refused[0]?.column}, patterns: [${refused[0]?.pattern}] }\`.`,
  );
}
