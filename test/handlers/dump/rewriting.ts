// How the rewriter's tests make dumps, feed them and read what comes out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  rewriteDump,
  type RewriteCheckpoint,
  type RewriteOptions,
  type RewriteOutcome,
} from "../../../handlers/dump/index.ts";

const HEADER = "-- MySQL dump 10.13  Distrib 8.0.40, for Linux (x86_64)\n--\n\n/*!40101 SET NAMES utf8mb4 */;\n";
const USE = "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;\n\nUSE `shop`;\n";
const COMPLETION = "\n-- Dump completed on 2026-11-22 17:11:04\n";

export const OPTIONS: RewriteOptions = { from: "shop", to: "shop_next", withoutRowsOf: () => false };

/** Dumps of nasty-schema.ts, whose `users` hold NASTY_TEXTS and EVERY_BYTE, by each tool and with several of its options. */
export const samples = readdirSync(join(import.meta.dirname, "samples")).map((name) => ({
  name,
  dump: readFileSync(join(import.meta.dirname, "samples", name)),
}));

/** A whole dump of `shop` with these statements. */
export function dumpOf(...statements: string[]): Buffer {
  return Buffer.from(`${HEADER}${USE}${statements.join("\n")}${COMPLETION}`);
}

/** The same, made without `--databases`. */
export function dumpWithoutUse(...statements: string[]): Buffer {
  return Buffer.from(`${HEADER}${statements.join("\n")}${COMPLETION}`);
}

export interface Rewritten {
  readonly bytes: Buffer;
  readonly outcome: RewriteOutcome;
}

export async function rewrite(
  input: AsyncIterable<Uint8Array> | Buffer,
  options: Partial<RewriteOptions> = {},
  limits: { from?: RewriteCheckpoint; signal?: AbortSignal } = {},
): Promise<Rewritten> {
  const source = Buffer.isBuffer(input) ? inChunks(input) : input;
  const part = rewriteDump(source, { ...OPTIONS, ...options }, limits);
  const chunks: Buffer[] = [];
  for await (const chunk of part.output) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), outcome: part.outcome() };
}

/** What becomes of statements that stand in a dump of `shop`. */
export async function rewriteStatements(statements: string, options: Partial<RewriteOptions> = {}): Promise<string> {
  const { bytes } = await rewrite(dumpOf(statements), options);
  const { bytes: around } = await rewrite(dumpOf(""), options);
  const before = around.length - COMPLETION.length;
  return bytes.subarray(before, bytes.length - COMPLETION.length).toString();
}

/** The bytes, cut before each of these offsets. */
export async function* inChunks(bytes: Buffer, cuts: readonly number[] = []): AsyncGenerator<Buffer> {
  let at = 0;
  for (const cut of cuts.toSorted((a, b) => a - b)) {
    if (cut > at && cut < bytes.length) {
      yield bytes.subarray(at, cut);
      at = cut;
    }
  }
  yield bytes.subarray(at);
}
