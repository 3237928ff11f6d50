// Requests that hold only for one generation: https://cloud.google.com/storage/docs/request-preconditions
import type { Call } from "../http.ts";
import { conditionNotMet, invalid, notModified } from "./errors.ts";
import type { StoredObject } from "./object.ts";

/** A generation of 0 stands for an object that is not there. */
export interface Preconditions {
  readonly generationMatch?: number | undefined;
  readonly generationNotMatch?: number | undefined;
  readonly metagenerationMatch?: number | undefined;
  readonly metagenerationNotMatch?: number | undefined;
}

/** @param prefix `ifSource` for those on the source of a copy. */
export function preconditionsOf(call: Call, prefix: "if" | "ifSource" = "if"): Preconditions {
  return {
    generationMatch: numberOf(call, `${prefix}GenerationMatch`),
    generationNotMatch: numberOf(call, `${prefix}GenerationNotMatch`),
    metagenerationMatch: numberOf(call, `${prefix}MetagenerationMatch`),
    metagenerationNotMatch: numberOf(call, `${prefix}MetagenerationNotMatch`),
  };
}

/** @throws ApiError 400 for a query parameter that is not a whole number. */
export function numberOf(call: Call, parameter: string): number | undefined {
  const value = call.query(parameter);
  if (value === undefined || /^\d+$/.test(value)) return value === undefined ? undefined : Number(value);
  throw invalid(`Invalid value for: ${parameter}`);
}

/** @throws ApiError 412 where one does not hold; 304 for a reader that has this generation already. */
export function checkPreconditions(
  { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch }: Preconditions,
  current: StoredObject | undefined,
  use: "read" | "write",
): void {
  const generation = current?.generation ?? 0;
  const metageneration = current?.metageneration ?? 0;
  const holds =
    (generationMatch ?? generation) === generation && (metagenerationMatch ?? metageneration) === metageneration;
  if (!holds) throw conditionNotMet();
  if (generationNotMatch !== generation && metagenerationNotMatch !== metageneration) return;
  throw use === "read" ? notModified() : conditionNotMet();
}
