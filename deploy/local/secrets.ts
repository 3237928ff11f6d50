// Secrets by reference: `env:NAME` is an environment variable of the process that runs the pipeline.
import { FatalError } from "../../contracts/errors.ts";
import type { Secrets } from "../../contracts/platform.ts";
import type { ServersContract } from "../../contracts/sync-contract.ts";

/** Reads secrets from `environment`; a missing one is named together with the place in the contract that asks for it. */
export function openSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  contract: ServersContract,
): Secrets {
  return {
    async read(reference) {
      const name = /^env:(.+)$/s.exec(reference)?.[1];
      // Not quoted: what is no reference may be a secret.
      if (name === undefined) {
        throw new FatalError(
          "SECRET_REFERENCE_UNKNOWN",
          `A secret reference${usedAs(contract, reference)} is not of the form \`env:NAME\`. Write it so in sync.yaml.`,
        );
      }
      const value = environment[name];
      if (value !== undefined) return value;
      throw new FatalError(
        "SECRET_MISSING",
        `The environment variable \`${name}\`${usedAs(contract, reference)} is not set. Set it, then try again.`,
      );
    },
  };
}

function usedAs(contract: ServersContract, reference: string): string {
  const places = [
    ...(["production", "replica", "staging"] as const).map((role) => [`${role}.password`, contract[role].password]),
    ["masking.key", contract.masking.key],
  ];
  const used = places.filter(([, value]) => value === reference).map(([place]) => `\`${place}\``);
  return used.length === 0 ? "" : ` (${used.join(", ")} in sync.yaml)`;
}
