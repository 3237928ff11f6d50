// The user's sync.yaml as the code reads it: checked and complete. Parsing is contracts/parse-sync-contract.ts.

/** A MySQL server by host and port. (An instance on Cloud SQL becomes a second form of this type.) */
export interface Instance {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A reference such as `env:STAGING_PASSWORD`; never the secret. */
  readonly password: string;
  readonly database: string;
}

/** How one column's values are replaced. */
export type Transform =
  | { readonly name: "keep" | "redact" | "email" | "hash" | "null" }
  | { readonly name: "fixed"; readonly value: string | number | boolean };

export type TableRule =
  | { readonly kind: "keep" }
  | { readonly kind: "truncate" }
  | { readonly kind: "columns"; readonly columns: Readonly<Record<string, Transform>> };

export interface MaskingContract {
  /** A reference to the masking key. */
  readonly key: string;
  /** What becomes of a column that the contract does not name. There is no `keep`. */
  readonly unlisted: "stop" | "redact";
  readonly tables: Readonly<Record<string, TableRule>>;
}

/** Rows that only staging has, by a condition; the rows that hang on them through foreign keys come with them. */
export interface PreserveRule {
  readonly table: string;
  /** An SQL condition on the table, as it stands after WHERE. */
  readonly where: string;
}

export interface SyncContract {
  readonly pipeline: string;
  readonly production: Instance;
  readonly replica: Instance;
  readonly staging: Instance;
  /** A directory, absolute or relative to the contract's own. */
  readonly dumps: string;
  readonly masking: MaskingContract;
  readonly preserve: readonly PreserveRule[];
}
