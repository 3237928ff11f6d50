// Compute Engine's metadata server: how a function on Google Cloud learns which service account it runs as.
// https://cloud.google.com/compute/docs/metadata/querying-metadata
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { ApiError, type Call, type HttpServer, type Reply, startHttpServer } from "./http.ts";

export interface MetadataServer {
  /** What GCE_METADATA_HOST must be for a process to run as this account, for example `127.0.0.1:1234`. */
  hostOf(email: string): string;
  /** The account that an access token was given to; undefined for one that expired, or that nobody was given. */
  emailOf(token: string): string | undefined;
  /** Verifies identity tokens (RS256). */
  identityKey(): KeyObject;
  close(): Promise<void>;
}

/** A directory, a text, or what is made anew for each request and is left out of a recursive answer. */
type Entry = Directory | string | readonly string[] | ((call: Call) => string | Token);
interface Directory {
  readonly [name: string]: Entry;
}

interface Token {
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: "Bearer";
}

/** As long as Google's. A client asks for another one some minutes before its end. */
const TOKEN_SECONDS = 3_599;

const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];
const FLAVOR = { "metadata-flavor": "Google", server: "Metadata Server for VM" };
const ROOT = "/computeMetadata/v1";

/**
 * Starts one server for each account: the address says who calls.
 *
 * @param options.accounts service accounts' e-mail addresses.
 */
export async function startMetadataServer(options: {
  readonly project: string;
  readonly accounts: readonly string[];
}): Promise<MetadataServer> {
  const owners = new Map<string, { readonly email: string; readonly expiresAtMs: number }>();
  let madeKeys: ReturnType<typeof newKeys> | undefined;
  const keys = () => (madeKeys ??= newKeys());

  function newToken(email: string): Token {
    const token = `ya29.c.${randomBytes(48).toString("base64url")}`;
    owners.set(token, { email, expiresAtMs: Date.now() + TOKEN_SECONDS * 1000 });
    return { access_token: token, expires_in: TOKEN_SECONDS, token_type: "Bearer" };
  }

  function metadataOf(email: string): Directory {
    const account = {
      aliases: ["default"],
      email,
      identity: (call: Call) => identityToken(call, email, keys().privateKey),
      scopes: SCOPES,
      token: () => newToken(email),
    };
    return {
      instance: { "service-accounts": { default: account, [email]: account } },
      project: { "project-id": options.project },
      universe: { "universe-domain": "googleapis.com" },
    };
  }

  const servers = new Map<string, HttpServer>();
  for (const email of options.accounts) {
    const metadata = metadataOf(email);
    servers.set(email, await startHttpServer({ "GET /*": (call) => answer(call, metadata) }));
  }
  return {
    identityKey: () => keys().publicKey,
    hostOf(email) {
      const server = servers.get(email);
      if (!server) throw new Error(`The metadata server was not started for \`${email}\`.`);
      return new URL(server.url).host;
    },
    emailOf(token) {
      const owner = owners.get(token);
      return owner && Date.now() < owner.expiresAtMs ? owner.email : undefined;
    },
    async close() {
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}

/** @throws ApiError 403 without the header that a browser cannot be made to send. */
function answer(call: Call, metadata: Directory): Reply {
  const { headers } = call.request;
  if (headers["metadata-flavor"] !== "Google" || headers["x-forwarded-for"] !== undefined) {
    throw new ApiError(403, "Missing Metadata-Flavor:Google header.", { headers: FLAVOR });
  }
  const { pathname } = call.url;
  const entry = pathname.startsWith(ROOT) ? find(metadata, pathname.slice(ROOT.length)) : undefined;
  if (entry === undefined) throw new ApiError(404, "The requested metadata was not found.", { headers: FLAVOR });
  if (!isDirectory(entry)) return value(typeof entry === "function" ? entry(call) : entry);
  if (!pathname.endsWith("/"))
    return { status: 301, headers: { ...FLAVOR, location: `${pathname}/${call.url.search}` } };
  if (call.query("recursive")?.toLowerCase() === "true") return { headers: FLAVOR, json: recursive(entry) };
  return value(Object.entries(entry).map(([name, child]) => (isDirectory(child) ? `${name}/` : name)));
}

function find(directory: Directory, path: string): Entry | undefined {
  let entry: Entry | undefined = directory;
  for (const name of path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent)) {
    entry = entry !== undefined && isDirectory(entry) && Object.hasOwn(entry, name) ? entry[name] : undefined;
  }
  return entry;
}

function isDirectory(entry: Entry): entry is Directory {
  return typeof entry === "object" && !Array.isArray(entry);
}

/** Lists have a line for each entry; a token is JSON. */
function value(content: string | readonly string[] | Token): Reply {
  if (isToken(content)) return { headers: FLAVOR, json: content };
  const body = typeof content === "string" ? content : content.map((line) => `${line}\n`).join("");
  return { headers: { ...FLAVOR, "content-type": "application/text" }, body };
}

function isToken(content: string | readonly string[] | Token): content is Token {
  return typeof content === "object" && "access_token" in content;
}

/** All that stands below a directory; its names in camel case, as Google's recursive answers have them. */
function recursive(directory: Directory): Record<string, unknown> {
  const entries = Object.entries(directory).filter(([, entry]) => typeof entry !== "function");
  return Object.fromEntries(
    entries.map(([name, entry]) => [
      name.includes("@") ? name : name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      isDirectory(entry) ? recursive(entry) : entry,
    ]),
  );
}

/** Takes a good part of a second, which few tests need. */
function newKeys() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

/** https://cloud.google.com/compute/docs/instances/verifying-instance-identity */
function identityToken(call: Call, email: string, key: KeyObject): string {
  const audience = call.query("audience");
  if (!audience) throw new ApiError(400, "non-empty audience parameter required", { headers: FLAVOR });
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ aud: audience, azp: email, email, email_verified: true, sub: email },
    ...{ exp: issuedAt + TOKEN_SECONDS, iat: issuedAt, iss: "https://accounts.google.com" },
  };
  const encode = (json: unknown) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const content = `${encode({ alg: "RS256", kid: "1", typ: "JWT" })}.${encode(claims)}`;
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}
