// Reads sync.yaml into the contract that the code uses, or says everything that is wrong with it at once.
import { SyncContractFile } from "./sync-contract-schema.ts";
import { complaintsOf, type Complaint } from "./contract-complaints.ts";
import { complainAboutColumns, toTableRule } from "./contract-tables.ts";
import { complainAboutInstances, DEFAULT_PORT } from "./contract-instances.ts";
import { FatalError } from "./errors.ts";
import { recordOf } from "./plain-data.ts";
import type { Instance, SyncContract } from "./sync-contract.ts";
import { readYaml } from "./yaml-source.ts";

/**
 * Parses and checks a sync contract.
 *
 * @param text the file's content, YAML 1.2
 * @param fileName how complaints name the file; nothing is read from it
 * @throws FatalError `CONTRACT_INVALID` with every complaint, a line each as `file:line:column: what is wrong`;
 *   `CONTRACT_SAME_INSTANCE` instead where two roles are one server, whatever else is wrong
 */
export function parseSyncContract(text: string, fileName: string): SyncContract {
  const source = readYaml(text);
  refuse(
    fileName,
    source.problems.map((problem) => ({ path: "", ...problem })),
  );
  const parsed = SyncContractFile.safeParse(source.value);
  refuse(fileName, [
    ...(parsed.success ? [] : complaintsOf(parsed.error, SyncContractFile, source)),
    ...complainAboutInstances(source),
    ...complainAboutColumns(source),
  ]);
  return toContract(SyncContractFile.parse(source.value));
}

function refuse(fileName: string, complaints: readonly Complaint[]): void {
  if (complaints.length === 0) return;
  const sorted = complaints.toSorted(({ place: a }, { place: b }) => a.line - b.line || a.column - b.column);
  const lines = sorted.map(({ place, message }) => `${fileName}:${place.line}:${place.column}: ${message}`);
  const code = complaints.find((complaint) => complaint.code !== undefined)?.code ?? "CONTRACT_INVALID";
  throw new FatalError(code, lines.join("\n"));
}

function toContract(file: SyncContractFile): SyncContract {
  return {
    pipeline: file.pipeline,
    production: toInstance(file.production),
    replica: toInstance(file.replica),
    staging: toInstance(file.staging),
    dumps: file.dumps,
    masking: {
      key: file.masking.key,
      unlisted: file.masking.unlisted ?? "stop",
      tables: recordOf(Object.entries(file.masking.tables).map(([name, rule]) => [name, toTableRule(rule)] as const)),
    },
    preserve: file.preserve ?? [],
  };
}

function toInstance(instance: SyncContractFile["production"]): Instance {
  return { ...instance, port: instance.port ?? DEFAULT_PORT };
}
