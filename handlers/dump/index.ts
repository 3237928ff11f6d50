// The dump rewriter: what `load-replica` and `load-staging` use of it.
export { RewriteCheckpoint } from "./checkpoint.ts";
export { gunzipped, gzipped } from "./gzip.ts";
export { type DumpRewrite, rewriteDump, type RewriteOutcome, type RewriteStatistics } from "./rewrite.ts";
export type { RewriteOptions } from "./rewriter.ts";
