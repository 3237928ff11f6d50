// What the proof says when it fails: names and counts.
import { FatalError } from "../../../contracts/errors.ts";

/** @param fact a clause */
export function fail(fact: string): never {
  throw new FatalError(
    "PRESERVE_PROOF_FAILED",
    `The preserved rows are not as they should be: ${fact}. Nothing has reached staging. Abandon the run and request a new one; if it happens again, report it.`,
  );
}
