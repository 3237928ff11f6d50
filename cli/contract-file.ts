// Reads the contract that `--contract` names, with what it extends.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readContractFiles, readScripts } from "../contracts/contract-files.ts";
import { FatalError } from "../contracts/errors.ts";
import { contractPlaces, parseSyncContract } from "../contracts/parse-sync-contract.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { YamlSource } from "../contracts/yaml-source.ts";

export interface ContractFile {
  readonly contract: SyncContract;
  /** Where each part of it stands, in which file. */
  readonly places: Pick<YamlSource, "placeOfKey">;
  /** The directory that it stands in, absolute. */
  readonly directory: string;
}

/** False also for a file that is blank: `understudy classify > sync.yaml` makes one before the command has begun. */
export async function isContractThere(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trim() !== "";
}

/** Throws FatalError `CONTRACT_NOT_FOUND`, and what readContractFiles and parseSyncContract throw. */
export async function readContract(name: string, workingDirectory: string): Promise<ContractFile> {
  const read = (file: string) => readFile(resolve(workingDirectory, file), "utf8").catch(() => undefined);
  const files = await readContractFiles(name, read);
  if (!files) {
    throw new FatalError(
      "CONTRACT_NOT_FOUND",
      `No sync contract can be read at \`${name}\`. Name it with \`--contract FILE\`, or have \`npx understudy classify\` write a first one.`,
    );
  }
  const [{ text }, ...bases] = files;
  return {
    contract: parseSyncContract(text, name, bases, await readScripts(files, read)),
    places: contractPlaces(text, name, bases),
    directory: dirname(resolve(workingDirectory, name)),
  };
}
