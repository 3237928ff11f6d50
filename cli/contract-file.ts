// Reads the contract that `--contract` names.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { FatalError } from "../contracts/errors.ts";
import { parseSyncContract } from "../contracts/parse-sync-contract.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";

export interface ContractFile {
  readonly contract: SyncContract;
  readonly text: string;
  /** As the operator named it. */
  readonly name: string;
  /** The directory that it stands in, absolute. */
  readonly directory: string;
}

/** Throws FatalError `CONTRACT_NOT_FOUND`, and what parseSyncContract throws. */
export async function readContract(name: string, workingDirectory: string): Promise<ContractFile> {
  const path = resolve(workingDirectory, name);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new FatalError(
      "CONTRACT_NOT_FOUND",
      `No sync contract can be read at \`${name}\`. Name it with \`--contract FILE\`.`,
      { cause },
    );
  }
  return { contract: parseSyncContract(text, name), text, name, directory: dirname(path) };
}
