// Why there is no session on an instance: its addresses, the way to it, or the account.
import { FatalError, isFatal, isRetryAfter, RetryAfter } from "../../contracts/errors.ts";
import type { WritableRole } from "../../contracts/platform.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import { connectionTrouble } from "../../handlers/mysql/connection-errors.ts";
import { connectionName } from "./names.ts";

/** An instance that restarts or fails over is back within a minute or so. */
const UNREACHABLE_RETRY_MS = 10_000;

interface Wanted {
  readonly contract: CloudContract;
  readonly role: WritableRole;
  readonly user: string;
}

/**
 * What the connector or mysql2 threw, told; any other error as it is.
 *
 * @returns FatalError INSTANCE_HAS_NO_ADDRESS, INSTANCE_REGION_DIFFERS, MYSQL_ACCESS_DENIED; RetryAfter MYSQL_UNREACHABLE
 */
export function sessionError(error: unknown, wanted: Wanted): unknown {
  if (isFatal(error) || isRetryAfter(error) || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  const name = `the ${wanted.role} instance \`${connectionName(wanted.contract, wanted.role)}\``;
  if (/^ENO(PRIVATE|PSC)SQLADMINIPADDRESS$/.test(code)) return noAddress(name, wanted, error);
  if (code === "EBADSQLADMINREGION") {
    const message = `There is no such instance in that region: ${name}. Correct \`${wanted.role}.instance\` in sync.yaml, then replay the run.`;
    return new FatalError("INSTANCE_REGION_DIFFERS", message, { cause: error });
  }
  const trouble = connectionTrouble(error);
  if (trouble?.kind === "denied") return denied(name, wanted, trouble.code, error);
  // A server that goes down in the middle of a handshake is an error of TLS.
  if (trouble?.kind === "unreachable" || /^(ERR_SSL_|ERR_TLS_|CERT_|ERRCLOSED$)/.test(code)) {
    const message = `No connection to ${name} (${code}). It is tried again; where it stays so, give the function egress into the instance's VPC network.`;
    return new RetryAfter("MYSQL_UNREACHABLE", UNREACHABLE_RETRY_MS, message, { cause: error });
  }
  return error;
}

function noAddress(name: string, { contract }: Wanted, cause: Error): FatalError {
  const [has, other] =
    contract.network === "psc" ? ["Private Service Connect", "private"] : ["a private address", "psc"];
  const message = `There is no way to ${name}: it has not ${has}. Give it that, or write \`network: ${other}\` in sync.yaml; then replay the run.`;
  return new FatalError("INSTANCE_HAS_NO_ADDRESS", message, { cause });
}

function denied(name: string, { contract, role, user }: Wanted, code: string, cause: Error): FatalError {
  const { login, project, name: instance } = contract[role];
  const advice = login
    ? `Correct \`${role}.user\`, the secret of \`${role}.password\`, or the account`
    : `Set the flag \`cloudsql_iam_authentication=on\`, add the account (\`gcloud sql users create\` with \`--instance=${instance} --project=${project}\` and its full address), and grant it \`roles/cloudsql.instanceUser\``;
  const message = `\`${user}\` is not let into ${name} (${code}). ${advice}; then replay the run.`;
  return new FatalError("MYSQL_ACCESS_DENIED", message, { cause });
}
