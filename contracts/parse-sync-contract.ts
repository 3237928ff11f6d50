// Reads sync.yaml into the contract that the code uses, or says everything that is wrong with it at once.
import type { z } from "zod";
import { CloudContractFile, ServersContractFile } from "./sync-contract-schema.ts";
import { complaintsOf, type Complaint } from "./contract-complaints.ts";
import { complainAboutColumns, toTableRule } from "./contract-tables.ts";
import { complainAboutInstances, DEFAULT_PORT, isOnCloudSql } from "./contract-instances.ts";
import { FatalError } from "./errors.ts";
import { recordOf } from "./plain-data.ts";
import type {
  CloudContract,
  CloudSqlInstance,
  ServerInstance,
  ServersContract,
  SyncContract,
} from "./sync-contract.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

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
  return isOnCloudSql(source.value)
    ? toCloudContract(checked(CloudContractFile, source, fileName))
    : toServersContract(checked(ServersContractFile, source, fileName));
}

/** The same where the file is known to be about three servers: the sample's. Another is CONTRACT_INVALID. */
export function parseServersContract(text: string, fileName: string): ServersContract {
  const contract = parseSyncContract(text, fileName);
  if (contract.kind === "servers") return contract;
  throw new FatalError("CONTRACT_INVALID", `${fileName}: three MySQL servers are expected here, not Cloud SQL.`);
}

function checked<Content>(schema: z.ZodType<Content>, source: YamlSource, fileName: string): Content {
  const parsed = schema.safeParse(source.value);
  refuse(fileName, [
    ...(parsed.success ? [] : complaintsOf(parsed.error, schema, source)),
    ...complainAboutInstances(source),
    ...complainAboutColumns(source),
  ]);
  return schema.parse(source.value);
}

function refuse(fileName: string, complaints: readonly Complaint[]): void {
  if (complaints.length === 0) return;
  const sorted = complaints.toSorted(({ place: a }, { place: b }) => a.line - b.line || a.column - b.column);
  const lines = sorted.map(({ place, message }) => `${fileName}:${place.line}:${place.column}: ${message}`);
  const code = complaints.find((complaint) => complaint.code !== undefined)?.code ?? "CONTRACT_INVALID";
  throw new FatalError(code, lines.join("\n"));
}

type ContractFile = ServersContractFile | CloudContractFile;

function toServersContract(file: ServersContractFile): ServersContract {
  const { production, replica, staging, dumps } = file;
  return {
    kind: "servers",
    ...shared(file),
    production: toServer(production),
    replica: toServer(replica),
    staging: toServer(staging),
    dumps,
  };
}

function toCloudContract(file: CloudContractFile): CloudContract {
  const replica = toCloudInstance(file.replica);
  return {
    kind: "cloud-sql",
    ...shared(file),
    project: file.project ?? replica.project,
    network: file.network ?? "private",
    production: toCloudInstance(file.production),
    replica,
    staging: toCloudInstance(file.staging),
    dumps: file.dumps,
  };
}

function shared({
  pipeline,
  masking,
  preserve,
}: ContractFile): Pick<SyncContract, "pipeline" | "masking" | "preserve"> {
  return {
    pipeline,
    masking: {
      key: masking.key,
      unlisted: masking.unlisted ?? "stop",
      tables: recordOf(Object.entries(masking.tables).map(([name, rule]) => [name, toTableRule(rule)] as const)),
    },
    preserve: preserve ?? [],
  };
}

function toServer(server: ServersContractFile["production"]): ServerInstance {
  return { ...server, port: server.port ?? DEFAULT_PORT };
}

function toCloudInstance(file: CloudContractFile["production"] | CloudContractFile["replica"]): CloudSqlInstance {
  // Split at the end: a project's id may have a domain before a colon of its own.
  const [, project = "", region = "", name = ""] = /^(.+):([^:]+):([^:]+)$/.exec(file.instance) ?? [];
  const login =
    "user" in file && file.user !== undefined && file.password !== undefined
      ? { login: { user: file.user, password: file.password } }
      : {};
  return { project, region, name, database: file.database, ...login };
}
