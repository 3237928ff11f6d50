// Runs Terraform on deploy/gcp/terraform with stand-ins for its providers.
//
// provider-schema.json has the arguments of the resources that the module uses, as the providers declare them: those of
// hashicorp/google 6.50.0 and hashicorp/archive 2.7.1, taken from the bindings that HashiCorp generated of them
// (@cdktf/provider-google 16.12.1, @cdktf/provider-archive 11.0.1 on npm), with what 7.21 has more of functions
// (https://cloud.google.com/functions/docs/running/direct-vpc). Blocks that the module does not use are left out.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Answers, type Asked, type ProviderSchema, startStandIn } from "./stand-in-provider.ts";

export const MODULE = resolve(import.meta.dirname, "../../../../deploy/gcp/terraform");

const run = promisify(execFile);

/** A made resource, as `terraform show -json` has it. */
export interface Resource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** The key of `for_each`. */
  readonly index?: string | number;
  // oxlint-disable-next-line typescript/no-explicit-any -- any resource's attributes, by names of Google's
  readonly values: any;
}

export interface Applied {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, { readonly value: never }>>;
}

export interface Terraform {
  /** Resolves with what Terraform says when it finds the module valid; rejects with its complaints. */
  validate(): Promise<string>;
  /** The files that are not formatted as Terraform does; empty when all are. */
  unformatted(): Promise<string>;
  /** Plans and applies from nothing. Rejects with Terraform's complaints. */
  apply(contract: string, variables?: Readonly<Record<string, unknown>>): Promise<Applied>;
  stop(): Promise<void>;
}

/** Whether there is a Terraform on this machine. */
export async function hasTerraform(): Promise<boolean> {
  return run("terraform", ["version"], { env: environment({}) }).then(
    () => true,
    () => false,
  );
}

/** What Google would answer to what the module asks for. */
const ANSWERS: Answers = {
  google_service_account: ({ account_id: id }, project) => {
    const email = `${id}@${project}.iam.gserviceaccount.com`;
    const name = `projects/${project}/serviceAccounts/${email}`;
    return { email, name, id: name };
  },
  google_project_service_identity: ({ service }) => ({ email: `agent@${service}` }),
  "data.google_storage_project_service_account": () => ({ email_address: "agent@storage.googleapis.com" }),
  google_project_iam_custom_role: ({ role_id: id, project }) => ({
    id: `projects/${project}/roles/${id}`,
  }),
  google_pubsub_topic: ({ name }, project) => ({ id: `projects/${project}/topics/${name}` }),
  google_pubsub_schema: ({ name }, project) => ({ id: `projects/${project}/schemas/${name}` }),
  google_pubsub_subscription: ({ name }, project) => ({ id: `projects/${project}/subscriptions/${name}` }),
  google_cloudfunctions2_function: ({ name }) => ({ uri: `https://${name}.a.run.app` }),
  google_sql_database_instance: instanceAccount,
  "data.google_sql_database_instance": (asked) => ({
    ...instanceAccount(asked),
    database_version: "MYSQL_8_4",
    settings: [{ disk_size: 100, tier: "db-custom-4-15360" }],
  }),
  "data.google_storage_bucket": () => ({
    uniform_bucket_level_access: true,
    public_access_prevention: "enforced",
    soft_delete_policy: [{ retention_duration_seconds: 0 }],
  }),
  // Without the files' contents: Terraform writes its whole state after each resource.
  "data.archive_file": ({ source }) => ({
    output_md5: digest(source),
    source: (source as unknown as { filename: string }[]).map(({ filename }) => ({ filename, content: "" })),
  }),
};

export interface Otherwise {
  /** For a Google that answers otherwise. */
  readonly answers?: Answers;
  /** A module with other text in one of its files. */
  readonly edit?: { readonly file: string; readonly change: (text: string) => string };
}

export async function openTerraform({ answers = {}, edit }: Otherwise = {}): Promise<Terraform> {
  const scratch = await mkdtemp(join(tmpdir(), "understudy-terraform-"));
  const module = edit ? await editedModule(join(scratch, "deploy/gcp/terraform"), edit) : MODULE;
  const schemas = JSON.parse(await readFile(join(import.meta.dirname, "provider-schema.json"), "utf8")) as Record<
    string,
    ProviderSchema
  >;
  const standIns = await Promise.all(
    Object.entries(schemas).map(async ([name, schema]) => {
      const standIn = await startStandIn(schema, { ...ANSWERS, ...answers });
      return { name, ...standIn };
    }),
  );
  const reattach = Object.fromEntries(
    standIns.map(({ name, address }) => [
      `registry.terraform.io/hashicorp/${name}`,
      { Protocol: "grpc", ProtocolVersion: 5, Pid: process.pid, Test: true, Addr: { Network: "tcp", String: address } },
    ]),
  );
  const env = environment({
    TF_DATA_DIR: join(scratch, "data"),
    TF_REATTACH_PROVIDERS: JSON.stringify(reattach),
  });

  async function terraform(...words: string[]): Promise<string> {
    try {
      const { stdout } = await run("terraform", [`-chdir=${module}`, ...words], { env, maxBuffer: 1 << 28 });
      return stdout;
    } catch (error) {
      // Not as the cause: it repeats all that Terraform printed.
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      // oxlint-disable-next-line preserve-caught-error
      throw new Error(`terraform ${words[0] ?? ""}: ${plain(stderr || stdout)}`);
    }
  }

  // No provider is looked for: there is one at hand for each.
  const initialized = terraform("init", "-backend=false", "-lockfile=readonly", "-no-color");
  let applied = 0;
  return {
    async validate() {
      await initialized;
      return terraform("validate", "-no-color");
    },
    // `fmt -check` fails with 3 and names them.
    unformatted: () => terraform("fmt", "-check", "-recursive").catch((error: unknown) => String(error)),
    async apply(contract, variables = {}) {
      await initialized;
      const at = (name: string) => join(scratch, `${++applied}-${name}`);
      const [contractFile, values, state, plan] = [
        at("sync.yaml"),
        at("terraform.tfvars.json"),
        at("state"),
        at("plan"),
      ];
      await writeFile(contractFile, contract);
      await writeFile(values, JSON.stringify({ contract_file: contractFile, ...NETWORK, ...variables }));
      const common = ["-no-color", "-input=false", "-lock=false"];
      await terraform("plan", ...common, `-var-file=${values}`, `-state=${state}`, `-out=${plan}`);
      await terraform("apply", ...common, `-state-out=${state}`, "-backup=-", plan);
      const shown = JSON.parse(await terraform("show", "-json", state)) as {
        values: { root_module: { resources: Resource[] }; outputs: Applied["outputs"] };
      };
      return { resources: shown.values.root_module.resources, outputs: shown.values.outputs };
    },
    async stop() {
      for (const standIn of standIns) standIn.stop();
      await rm(scratch, { recursive: true });
    },
  };
}

async function editedModule(folder: string, { file, change }: NonNullable<Otherwise["edit"]>): Promise<string> {
  await cp(MODULE, folder, { recursive: true });
  const text = await readFile(join(folder, file), "utf8");
  const changed = change(text);
  if (changed === text) throw new Error(`The edit does not change \`${file}\`.`);
  await writeFile(join(folder, file), changed);
  return folder;
}

const NETWORK = {
  network: "projects/acme-net/global/networks/main",
  subnetwork: "projects/acme-net/regions/europe-west1/subnetworks/main",
};

/** Nothing of the machine's own settings, which may name a mirror or a token. */
function environment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const usual = Object.entries(process.env).filter(([name]) => !name.startsWith("TF_"));
  return { ...Object.fromEntries(usual), TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1", ...own };
}

function instanceAccount({ project, name }: Asked) {
  const account = `${project}-${name}@gcp-sa-cloud-sql.iam.gserviceaccount.com`;
  return { service_account_email_address: account };
}

function digest(value: unknown): string {
  return createHash("md5").update(JSON.stringify(value)).digest("hex");
}

/** On one line, without the box that Terraform draws around what it says. */
function plain(text: string): string {
  return text.replaceAll(/[╷│╵]/g, "").replaceAll(/\s+/g, " ").trim();
}
