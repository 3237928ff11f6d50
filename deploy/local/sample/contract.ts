// The sample's sync contract: its masking rules are masking.yaml, the rest depends on where the servers run.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** One of the three servers. Its password is read from `PRODUCTION_PASSWORD`, `REPLICA_PASSWORD` or `STAGING_PASSWORD`. */
export interface SampleInstance {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface SampleContractOptions {
  readonly production: SampleInstance;
  readonly replica: SampleInstance;
  readonly staging: SampleInstance;
  /** The directory for dumps, absolute or relative to the contract. */
  readonly dumps: string;
  /** Whether the replica has JSON as a type of its own; where not, documents are left behind. */
  readonly hasJson?: boolean;
}

/** The text of a complete sync.yaml for the sample shop. Secrets stay out of it: it names environment variables. */
export async function sampleContract(options: SampleContractOptions): Promise<string> {
  const { production, replica, staging, dumps, hasJson = true } = options;
  const rules = await readFile(join(import.meta.dirname, "masking.yaml"), "utf8");
  const tables = hasJson ? rules : rules.replaceAll(/\{ json: .*$/gm, "null");
  return [
    "# The sample shop's sync contract, written by `npm run local`.",
    "pipeline: shop",
    instanceLine("production", production),
    instanceLine("replica", replica),
    instanceLine("staging", staging),
    `dumps: ${scalar(dumps)}`,
    "masking:",
    "  key: env:UNDERSTUDY_MASKING_KEY",
    "  tables:",
    tables.trimEnd().replaceAll(/^(?=.)/gm, "    "),
    "preserve:",
    "  - { table: companies, where: is_demo = 1 }",
    "",
  ].join("\n");
}

function instanceLine(role: string, { host, port, user, database }: SampleInstance): string {
  const password = `env:${role.toUpperCase()}_PASSWORD`;
  return `${role}: { host: ${scalar(host)}, port: ${port}, user: ${scalar(user)}, password: ${password}, database: ${scalar(database)} }`;
}

/** A value on one line, quoted where YAML would read it otherwise; always quoted where a flow map would end. */
function scalar(value: string): string {
  return stringify(value, {
    lineWidth: 0,
    ...(/[,{}[\]]/.test(value) ? { defaultStringType: "QUOTE_DOUBLE" } : {}),
  }).trimEnd();
}
