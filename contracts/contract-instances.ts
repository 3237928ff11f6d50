// The three instances must be three servers. (Two names for one host are found out when sessions are opened: there the
// servers say who they are.)
import { isIP } from "node:net";
import type { Complaint } from "./contract-complaints.ts";
import { property } from "./plain-data.ts";
import { tellLine, type YamlSource } from "./yaml-source.ts";

export const DEFAULT_PORT = 3306;

const ROLES = ["production", "replica", "staging"] as const;

/** True where any role names an instance of Cloud SQL: then the whole file is read so. */
export function isOnCloudSql(contract: unknown): boolean {
  return ROLES.some((role) => property(property(contract, role), "instance") !== undefined);
}

/** A complaint for each role whose host and port, or instance, an earlier one has. Reads raw data: other things in it may be wrong. */
export function complainAboutInstances(source: YamlSource): Complaint[] {
  const places = new Map<string, (typeof ROLES)[number]>();
  return ROLES.flatMap((role) => {
    const address = addressOf(property(source.value, role));
    if (address === undefined) return [];
    const earlier = places.get(address);
    if (earlier === undefined) {
      places.set(address, role);
      return [];
    }
    const place = source.placeOfKey([role]);
    return {
      path: role,
      place,
      code: "CONTRACT_SAME_INSTANCE",
      message: `\`${role}\` is the same server as \`${earlier}\` in ${tellLine(source.placeOfKey([earlier]), place)}. Give each role a server of its own: the replica is wiped, and staging is replaced.`,
    };
  });
}

function addressOf(instance: unknown): string | undefined {
  const connectionName = property(instance, "instance");
  if (typeof connectionName === "string") return withoutRegion(connectionName);
  const host = property(instance, "host");
  const port = property(instance, "port") ?? DEFAULT_PORT;
  return typeof host === "string" && typeof port === "number" ? `${normalizeHost(host)} ${port}` : undefined;
}

/**
 * `PROJECT:NAME` of `PROJECT:REGION:NAME`. A name is one instance's in its project whatever the region, and production's
 * region is never looked up: a wrong one must not make it another instance.
 */
export function withoutRegion(connectionName: string): string {
  return connectionName.replace(/:[^:]*(?=:[^:]*$)/, "");
}

/** One spelling for a host: every name and address of this machine's loopback is `localhost`. */
export function normalizeHost(host: string): string {
  const bare = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  const ip = isIP(bare) === 6 ? canonicalIPv6(bare) : bare;
  const v4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(ip);
  const plain = v4 ? dotted(v4[1] ?? "", v4[2] ?? "") : ip;
  const loopback =
    plain === "::1" || plain === "::" || plain === "0.0.0.0" || (isIP(plain) === 4 && plain.startsWith("127."));
  return loopback || plain.endsWith(".localhost") ? "localhost" : plain;
}

/** `0:0::1` → `::1`, as the URL standard writes it. */
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function dotted(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}
