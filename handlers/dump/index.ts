// The dump rewriter: what loading and swapping use of it.
export { RewriteCheckpoint, START } from "./checkpoint.ts";
export { returningIn } from "./collations.ts";
export { renameDatabaseIn } from "./databases.ts";
export { gunzipped, gzipped } from "./gzip.ts";
export { type DumpRewrite, rewriteDump, type RewriteOutcome, type RewriteStatistics } from "./rewrite.ts";
export type { RewriteOptions } from "./rewriter.ts";
export { splitStatements, type SplitStatement } from "./split-statements.ts";
