// What `understudy doctor` finds: a world is a list of checks, each of them one line with its remedy.

/** `unknown`: it could not be checked, which is no better than a failure: nobody knows. */
export type Status = "ok" | "warning" | "failed" | "unknown";

/** What came of one check. */
export interface Verdict {
  readonly status: Status;
  /** What was found, in names, versions and counts; never a row's value or a secret. */
  readonly detail: string;
  /** What to do about it: a command to paste, with its names filled in, or a sentence. */
  readonly remedy?: string;
}

export interface Finding extends Verdict {
  /** What the check is about: `replica`, `Pub/Sub`. */
  readonly area: string;
  /** What is checked of it: `private address`. */
  readonly check: string;
}

export interface Check {
  readonly area: string;
  readonly check: string;
  run(): Promise<Verdict> | Verdict;
}

export const ok = (detail: string): Verdict => ({ status: "ok", detail });
export const warning = (detail: string, remedy: string): Verdict => ({ status: "warning", detail, remedy });
export const failed = (detail: string, remedy: string): Verdict => ({ status: "failed", detail, remedy });
export const unknown = (detail: string, remedy: string): Verdict => ({ status: "unknown", detail, remedy });

/**
 * Runs all checks at the same time and yields their findings in the list's order.
 *
 * Checks that share a question (one document, one session) share its answer: where that is an error, the first of them
 * tells it, and how many share it.
 *
 * @param explain what an error that a check threw means
 */
export async function* examine(
  checks: readonly Check[],
  explain: (error: unknown) => Verdict,
): AsyncGenerator<Finding, void> {
  const running = checks.map(async ({ area, check, run }) => {
    try {
      return { finding: { area, check, ...(await run()) } };
    } catch (error) {
      return { error, finding: { area, check, ...explain(error) } };
    }
  });
  const told = new Set<unknown>();
  for (const settled of running) {
    const { error, finding } = await settled;
    if (error === undefined) yield finding;
    else if (!told.has(error)) {
      told.add(error);
      const sharing = (await Promise.all(running)).filter((each) => each.error === error).length;
      yield sharing === 1 ? finding : { ...finding, detail: `${finding.detail} (${sharing} checks need it)` };
    }
  }
}
