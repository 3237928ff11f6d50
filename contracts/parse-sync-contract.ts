// Reads sync.yaml into the contract that the code uses, or says everything that is wrong with it at once.
import type { z } from "zod";
import { CloudContractFile, ServersContractFile } from "./sync-contract-schema.ts";
import { toCollations } from "./collation-map.ts";
import { complaintsOf, type Complaint } from "./contract-complaints.ts";
import { isRelativeFile, type ContractText } from "./contract-files.ts";
import { complainAboutColumns, toTableRule } from "./contract-tables.ts";
import { complainAboutInstances, DEFAULT_PORT, isOnCloudSql } from "./contract-instances.ts";
import { FatalError } from "./errors.ts";
import { mergeSources } from "./merged-source.ts";
import { property, recordOf } from "./plain-data.ts";
import { toPreserveRules, toReferences } from "./preserve-rules.ts";
import type {
  CloudContract,
  CloudSqlInstance,
  ServerInstance,
  ServersContract,
  SyncContract,
} from "./sync-contract.ts";
import { STAGING_DEFAULTS } from "./staging-rules.ts";
import { comparePlaces, readYaml, tellPlace, type YamlSource } from "./yaml-source.ts";

/**
 * Parses and checks a sync contract.
 *
 * @param text the file's content, YAML 1.2
 * @param fileName how complaints name the file; nothing is read from it
 * @param bases what it extends, as readContractFiles found it. What the file says itself wins: a table's rule, or a key.
 * @param scripts the files of `after`, as readScripts found them
 * @throws FatalError `CONTRACT_INVALID` with every complaint, a line each as `file:line:column: what is wrong`;
 *   `CONTRACT_SAME_INSTANCE` instead where two roles are one server, whatever else is wrong
 */
export function parseSyncContract(
  text: string,
  fileName: string,
  bases: readonly ContractText[] = [],
  scripts: ReadonlyMap<string, string> = new Map(),
): SyncContract {
  const own = readYaml(text, fileName);
  const all = [own, ...bases.map((base) => readYaml(base.text, base.name))] as const;
  const source = mergeSources(all);
  refuse(source.problems.map((problem) => ({ path: "", ...problem })));
  const unread = [...complainAboutExtends(all), ...complainAboutScripts(source, scripts)];
  return isOnCloudSql(source.value)
    ? toCloudContract(checked(CloudContractFile, source, unread), scripts)
    : toServersContract(checked(ServersContractFile, source, unread), scripts);
}

/** Places of a contract's parts, for complaints that other checks than the parser's have. */
export function contractPlaces(
  text: string,
  fileName: string,
  bases: readonly ContractText[] = [],
): Pick<YamlSource, "placeOfKey"> {
  return mergeSources([readYaml(text, fileName), ...bases.map((base) => readYaml(base.text, base.name))]);
}

/** The same where the file is known to be about three servers: the sample's. Another is CONTRACT_INVALID. */
export function parseServersContract(
  text: string,
  fileName: string,
  scripts?: ReadonlyMap<string, string>,
): ServersContract {
  const contract = parseSyncContract(text, fileName, [], scripts);
  if (contract.kind === "servers") return contract;
  throw new FatalError("CONTRACT_INVALID", `${fileName}: three MySQL servers are expected here, not Cloud SQL.`);
}

function checked<Content>(schema: z.ZodType<Content>, source: YamlSource, others: readonly Complaint[]): Content {
  const parsed = schema.safeParse(source.value);
  refuse([
    ...others,
    ...(parsed.success ? [] : complaintsOf(parsed.error, schema, source)),
    ...complainAboutInstances(source),
    ...complainAboutColumns(source),
  ]);
  return schema.parse(source.value);
}

/** What the last file extends was not read, because it is no relative path or there is nobody here to read it. */
function complainAboutExtends(sources: readonly YamlSource[]): Complaint[] {
  const last = sources.at(-1);
  const base = property(last?.value, "extends");
  if (last === undefined || typeof base !== "string") return [];
  const message = isRelativeFile(base)
    ? "`extends` cannot be followed here: one whole contract is expected."
    : "`extends` is not a file: a path relative to this file is expected, such as `base.yaml`.";
  return [{ path: "extends", place: last.placeOfValue(["extends"]), message }];
}

/** A script that nobody has read would silently not run. */
function complainAboutScripts(source: YamlSource, scripts: ReadonlyMap<string, string>): Complaint[] {
  const after = property(source.value, "after");
  return (Array.isArray(after) ? after : []).flatMap((file: unknown, i) => {
    if (typeof file !== "string" || !isRelativeFile(file) || scripts.has(file)) return [];
    const message = `\`after[${i}]\` cannot be read: \`${file}\` is expected beside the file that names it.`;
    return [{ path: `after[${i}]`, place: source.placeOfValue(["after", i]), message }];
  });
}

function refuse(complaints: readonly Complaint[]): void {
  if (complaints.length === 0) return;
  const sorted = complaints.toSorted(({ place: a }, { place: b }) => comparePlaces(a, b));
  const lines = sorted.map(({ place, message }) => `${tellPlace(place)}: ${message}`);
  const code = complaints.find((complaint) => complaint.code !== undefined)?.code ?? "CONTRACT_INVALID";
  throw new FatalError(code, lines.join("\n"));
}

type ContractFile = ServersContractFile | CloudContractFile;

function toServersContract(file: ServersContractFile, scripts: ReadonlyMap<string, string>): ServersContract {
  const { production, replica, staging, dumps } = file;
  return {
    kind: "servers",
    ...shared(file, scripts),
    production: toServer(production),
    replica: toServer(replica),
    staging: toServer(staging),
    dumps,
  };
}

function toCloudContract(file: CloudContractFile, scripts: ReadonlyMap<string, string>): CloudContract {
  const replica = toCloudInstance(file.replica);
  return {
    kind: "cloud-sql",
    ...shared(file, scripts),
    project: file.project ?? replica.project,
    network: file.network ?? "private",
    production: toCloudInstance(file.production),
    replica,
    staging: toCloudInstance(file.staging),
    dumps: file.dumps,
  };
}

type Shared = "pipeline" | "masking" | "preserve" | "references" | "collations" | "load";

function shared(file: ContractFile, scripts: ReadonlyMap<string, string>): Pick<SyncContract, Shared> {
  const {
    pipeline,
    masking,
    preserve,
    references,
    collations,
    swap,
    keep_tables: keepTables,
    objects,
    after = [],
  } = file;
  return {
    pipeline,
    masking: {
      key: masking.key,
      unlisted: masking.unlisted ?? "stop",
      tables: recordOf(Object.entries(masking.tables).map(([name, rule]) => [name, toTableRule(rule)] as const)),
      ...(masking.allow && { allow: masking.allow }),
    },
    preserve: toPreserveRules(preserve),
    references: toReferences(references),
    collations: toCollations(collations),
    load: {
      swap: swap ?? STAGING_DEFAULTS.swap,
      keepTables: keepTables ?? STAGING_DEFAULTS.keepTables,
      objects: objects ?? STAGING_DEFAULTS.objects,
      after: after.map((script) => ({ file: script, sql: scripts.get(script) ?? "" })),
    },
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
