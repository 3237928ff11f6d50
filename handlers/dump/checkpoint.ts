// Where a rewrite stopped, for going on in another process: all that the rewriter knows between two statements.
import * as z from "zod";
import { LaterKeysState, NO_LATER_KEYS } from "./later-keys.ts";
import { NEW_SESSION, SessionState } from "./session.ts";

const count = z.int().nonnegative();

export const RewriteCheckpoint = z.strictObject({
  /** Bytes of the uncompressed input that are consumed: a statement ends there. */
  offset: count,
  /** The input's line there, counted from 1. */
  line: z.int().positive(),
  session: SessionState,
  /** Tables created so far, in the dump's order. */
  tables: z.array(z.string()),
  /** INSERT and REPLACE statements passed on so far. */
  insertStatements: count,
  laterKeys: LaterKeysState,
  /** Collations, and character sets without one, that the output names so far, each with where it stands first. */
  collations: z.record(z.string(), z.string()),
  /** What its tables need that not every server has, each with where it stands first; see features.ts. */
  features: z.record(z.string(), z.string()),
  /** The generated columns of the table that was created last, whose rows come next. */
  generated: z.strictObject({ table: z.string(), columns: z.array(z.string()) }).optional(),
  /** The source database's default collation, or its character set; absent for a dump without CREATE DATABASE. */
  databaseCollation: z.string().optional(),
  /** The longest statement passed on so far, and where it begins. */
  longest: z.strictObject({ bytes: count, offset: count, line: count }),
  /** Bytes of uncompressed output so far, over all parts. */
  bytesOut: count,
});
export type RewriteCheckpoint = z.infer<typeof RewriteCheckpoint>;

export const START: RewriteCheckpoint = {
  offset: 0,
  line: 1,
  session: NEW_SESSION,
  tables: [],
  insertStatements: 0,
  laterKeys: NO_LATER_KEYS,
  collations: {},
  features: {},
  longest: { bytes: 0, offset: 0, line: 0 },
  bytesOut: 0,
};
