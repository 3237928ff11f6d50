// Why a session could not be opened, whichever way it was to reach its server.

/** mysql2's and Node's codes for a server that does not answer now and may do so later. */
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "PROTOCOL_CONNECTION_LOST",
  "ER_CON_COUNT_ERROR",
  "ER_SERVER_SHUTDOWN",
  "ER_NORMAL_SHUTDOWN",
]);

const DENIED = new Set([
  "ER_ACCESS_DENIED_ERROR",
  "ER_ACCESS_DENIED_NO_PASSWORD_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_HOST_NOT_PRIVILEGED",
  "ER_HOST_IS_BLOCKED",
  "ER_ACCOUNT_HAS_BEEN_LOCKED",
  "ER_MUST_CHANGE_PASSWORD_LOGIN",
  "ER_NOT_SUPPORTED_AUTH_MODE",
  "AUTH_SWITCH_PLUGIN_ERROR",
]);

export interface ConnectionTrouble {
  /** `unreachable`: it may mend itself. `denied`: the server answered, and does not let this account in. */
  readonly kind: "unreachable" | "denied";
  readonly code: string;
}

/** @returns undefined for an error that says nothing about reaching the server. */
export function connectionTrouble(error: unknown): ConnectionTrouble | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (UNREACHABLE.has(code)) return { kind: "unreachable", code };
  if (DENIED.has(code)) return { kind: "denied", code };
  return undefined;
}
