// `json`: each value of a document by its path. The documents are masked before the first row is: see documents/.
import { createHash } from "node:crypto";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { parsePath } from "../documents/paths.ts";
import { proofDigest } from "../keyed.ts";
import type { Masked, MaskingTransform, Misfit, Named } from "./transform.ts";

/** The ledger's table of masked documents, by keyed digests of the originals. No copy's column has these names. */
export const DOCUMENTS = {
  table: "understudy_documents",
  digest: "understudy_digest",
  masked: "understudy_masked",
} as const;

type JsonTransform = Named<"json">;
/** Tells whether another transform takes a column of a type. */
export type Fits = (transform: MaskingTransform, column: Column) => Misfit | undefined;

/** A value that was not there when the documents were masked becomes `{}`: it shows nothing. */
export function json(transform: JsonTransform, column: Column, fits: Fits): Masked | Misfit {
  if (kindOf(column) !== "json") {
    return {
      fits: false,
      reason: "`json` is for JSON columns; a text that holds JSON is redacted or masked as a whole",
    };
  }
  for (const [path, at] of Object.entries(transform.paths)) {
    if (!parsePath(path)) return { fits: false, reason: `\`${path}\` is no path such as \`$.items[*].name\`` };
    if (at.name === "keep" || at.name === "redact" || at.name === "null") continue;
    const misfit = fits(at, at.name === "noise" ? INTEGER : TEXT);
    if (misfit) return { fits: false, reason: `\`${at.name}\` at \`${path}\`: ${misfit.reason}` };
  }
  const name = quoteName(column.name);
  const masked = `(SELECT ${DOCUMENTS.masked} FROM ${quoteName(DOCUMENTS.table)} WHERE ${DOCUMENTS.digest} = ${documentDigest(transform, column)})`;
  return {
    fits: true,
    sql: `IF(${name} IS NULL, NULL, IFNULL(${masked}, '{}'))`,
    unchanged: "FALSE",
    // What paths keep stays, so whole documents may. Their parts are looked for in what becomes of them.
    byChance: true,
  };
}

/** SQL for what a document is found by: alike for equal documents that are masked alike. */
export function documentDigest({ paths }: JsonTransform, column: Column): string {
  const rules = createHash("sha256").update(JSON.stringify(paths)).digest("hex");
  return proofDigest(`'${rules}:', ${documentText(column)}`);
}

/** SQL for a document's text. */
export function documentText(column: Column): string {
  return `CONVERT(CAST(${quoteName(column.name)} AS CHAR) USING utf8mb4)`;
}

const VALUE = {
  name: "understudy_value",
  nullable: true,
  characterSet: null,
  collation: null,
  generated: false,
  autoIncrement: false,
  onUpdateNow: false,
  default: null,
  comment: "",
  maxCharacters: null,
  maxBytes: null,
} as const;

/** What the values in a document are to other transforms. */
export const TEXT: Column = {
  ...VALUE,
  dataType: "longtext",
  columnType: "longtext",
  maxCharacters: 2 ** 32 - 1,
  maxBytes: 2 ** 32 - 1,
  characterSet: "utf8mb4",
  collation: "utf8mb4_general_ci",
};
export const INTEGER: Column = { ...VALUE, dataType: "bigint", columnType: "bigint(20)" };
export const NUMBER: Column = { ...VALUE, dataType: "double", columnType: "double" };
