// Tables whose rows no copy needs: sessions, tokens, queues. Nothing is lost where they are empty.
import type { Table } from "../../mysql/schema.ts";
import { words } from "./words.ts";
import { subjectOf } from "./guess-by-name.ts";

const SCRATCH = words(
  "session|password reset|reset|(?:api|access|refresh|auth|personal access|oauth|login|remember|device|push) ?token|token|api key|" +
    "verification|otp|one time password|magic link|cache|cache lock|job|failed job|queue|outbox|lock|nonce",
);

/** By its name alone. */
export function isScratch(table: Table): boolean {
  return SCRATCH.head.test(subjectOf(table));
}
