// The contract's secrets: whether each has a version that can be used. Nobody reads one here.
import { z } from "zod";
import { type Check, failed, ok, type Verdict } from "../../../contracts/examination.ts";
import { type CloudContract, FRESH_KEY } from "../../../contracts/sync-contract.ts";
import type { Endpoints } from "../endpoints.ts";
import { parseReference } from "../secrets.ts";
import type { Ask } from "./ask.ts";

export interface SecretReference extends ReturnType<typeof parseReference> {
  /** In the contract: `masking.key`, `replica.password`. */
  readonly path: string;
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions#SecretVersion */
export const SecretVersion = z.object({ name: z.string().optional(), state: z.string().optional() });
export type SecretVersion = z.infer<typeof SecretVersion>;

export function secretsOf({ masking, replica, staging }: CloudContract): SecretReference[] {
  return [
    { path: "masking.key", reference: masking.key === FRESH_KEY ? undefined : masking.key },
    { path: "replica.password", reference: replica.login?.password },
    { path: "staging.password", reference: staging.login?.password },
  ].flatMap(({ path, reference }) => (reference === undefined ? [] : { path, ...parseReference(reference) }));
}

export function secretChecks(
  contract: CloudContract,
  ask: Ask,
  { secretManager }: Pick<Endpoints, "secretManager">,
): Check[] {
  const isFresh = contract.masking.key === FRESH_KEY;
  const fresh = { area: "secrets", check: "masking.key", run: () => ok("a fresh one for each run: nothing to read") };
  const referred = secretsOf(contract).map((secret) => ({
    ...{ area: "secrets", check: secret.path },
    async run() {
      const { project, name, version } = secret;
      const answer = await ask({
        url: `${secretManager}/v1/projects/${project}/secrets/${name}/versions/${version}`,
        what: `version \`${version}\` of the secret \`${name}\` in project \`${project}\``,
        service: "secretmanager.googleapis.com",
        project,
        permission: "secretmanager.versions.get",
        role: "roles/secretmanager.viewer",
        missing: addVersion(secret),
        schema: SecretVersion,
      });
      return judgeSecret(secret, answer);
    },
  }));
  return [...(isFresh ? [fresh] : []), ...referred];
}

export function judgeSecret(secret: SecretReference, { state, name = "" }: SecretVersion): Verdict {
  const number = /\/versions\/(\d+)$/.exec(name)?.[1] ?? secret.version;
  const said = `version ${number} of \`${secret.name}\` is ${state ?? "in no state"}`;
  if (state !== "ENABLED") return failed(said, addVersion(secret));
  // Its length would be known only to who reads it.
  return ok(secret.path === "masking.key" ? `${said}; whether it has 32 bytes is seen by \`mask\` alone` : said);
}

function addVersion({ path, project, name }: SecretReference): string {
  const value = path === "masking.key" ? "openssl rand -hex 32 | tr -d '\\n'" : 'printf %s "$PASSWORD"';
  return `${value} | gcloud secrets versions add ${name} --project=${project} --data-file=-`;
}
