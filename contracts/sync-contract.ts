// The user's sync.yaml as the code reads it: checked and complete. Parsing is contracts/parse-sync-contract.ts.
import type { CollationMap } from "./collation-map.ts";
import type { DeclaredReference } from "./declared-reference.ts";
import type { Allowance } from "./patterns.ts";
import type { PreserveRule } from "./preserve-rules.ts";
import type { StagingRules } from "./staging-rules.ts";
import type { Transform } from "./transforms.ts";

/** A MySQL server by host and port. */
export interface ServerInstance {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A reference such as `env:STAGING_PASSWORD`; never the secret. */
  readonly password: string;
  readonly database: string;
}

/** An instance on Cloud SQL: `PROJECT:REGION:NAME`, its connection name. */
export interface CloudSqlInstance {
  readonly project: string;
  readonly region: string;
  readonly name: string;
  readonly database: string;
  /** Left out: IAM database login as whoever runs. Production has none: no session is ever opened there. */
  readonly login?: { readonly user: string; /** A reference; never the secret. */ readonly password: string };
}

export type { Transform } from "./transforms.ts";

export type TableRule =
  | { readonly kind: "keep" }
  | { readonly kind: "truncate" }
  | {
      readonly kind: "columns";
      readonly columns: Readonly<Record<string, Transform>>;
      /** Rows that stay behind: an SQL condition on the table, as it stands after WHERE. */
      readonly deleteRows?: string;
    };

export interface MaskingContract {
  /** A reference to the masking key; FRESH_KEY: a new one for each run, kept by nobody. */
  readonly key: string;
  /** What becomes of a column that the contract does not name. There is no `keep`. */
  readonly unlisted: "stop" | "redact";
  /** By a table's name, or by a pattern for several: contracts/table-rules.ts. */
  readonly tables: Readonly<Record<string, TableRule>>;
  /** Kept columns in which the proof may find some personal data. */
  readonly allow?: readonly Allowance[];
}

export const FRESH_KEY = "fresh";

export type { DeclaredReference } from "./declared-reference.ts";
export type { OnMatch, ParentPolicy, PreserveRule } from "./preserve-rules.ts";
export type { Script, StagingRules } from "./staging-rules.ts";

interface SharedContract {
  readonly pipeline: string;
  readonly masking: MaskingContract;
  /** Rows that only staging has. */
  readonly preserve: readonly PreserveRule[];
  /** Foreign keys that the schema does not declare. */
  readonly references: readonly DeclaredReference[];
  /** Collations that become others in the copy. */
  readonly collations: CollationMap;
  /** How staging takes the new data. */
  readonly load: StagingRules;
}

/** Three MySQL servers, and a directory as the bucket. */
export interface ServersContract extends SharedContract {
  readonly kind: "servers";
  readonly production: ServerInstance;
  readonly replica: ServerInstance;
  readonly staging: ServerInstance;
  /** A directory, absolute or relative to the contract's own. */
  readonly dumps: string;
}

/** Three Cloud SQL instances, and a bucket of Cloud Storage. */
export interface CloudContract extends SharedContract {
  readonly kind: "cloud-sql";
  /** The project that the pipeline itself is in: its topics, functions and run store. */
  readonly project: string;
  /** How the functions reach the instances: by private services access, or Private Service Connect. */
  readonly network: "private" | "psc";
  readonly production: CloudSqlInstance;
  readonly replica: CloudSqlInstance;
  readonly staging: CloudSqlInstance;
  /** `gs://BUCKET` or `gs://BUCKET/PREFIX`. */
  readonly dumps: string;
}

export type SyncContract = ServersContract | CloudContract;
