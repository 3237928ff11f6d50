// JSON over node:http as Google's REST APIs speak it: routes, bearer tokens, and errors in Google's form.
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** One request, with what its route's `:names` matched, decoded. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  /** Throws an Error for a name that the route does not have. */
  param(name: string): string;
  /** A query parameter. */
  query(name: string): string | undefined;
}

/** What is answered: `json`, or `body` as it is, or neither. `status` is 200 where it is left out. */
export interface Reply {
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly json?: unknown;
  readonly body?: Readable | string;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;

/** Handlers by `METHOD /path/:name`, a URLPattern's pathname; the first that matches answers. */
export type Routes = Readonly<Record<string, Handler>>;

export interface HttpServer {
  /** For example `http://127.0.0.1:1234`: no slash at its end. */
  readonly url: string;
  /** Ends what is under way, too. */
  close(): Promise<void>;
}

/** The account that an access token belongs to; undefined for one that nobody gave out, or that has expired. */
export type Authorize = (token: string) => string | undefined;

/** An answer that is an error: https://cloud.google.com/apis/design/errors#http_mapping */
export class ApiError extends Error {
  /** The HTTP status. */
  readonly code: number;
  /** The older APIs' word (`notFound`, `conditionNotMet`): https://cloud.google.com/storage/docs/json_api/v1/status-codes */
  readonly reason: string | undefined;
  /** The newer APIs' word (`NOT_FOUND`). */
  readonly status: string | undefined;
  readonly headers: OutgoingHttpHeaders;

  constructor(
    code: number,
    message: string,
    words: { readonly reason?: string; readonly status?: string; readonly headers?: OutgoingHttpHeaders } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = words.reason;
    this.status = words.status;
    this.headers = words.headers ?? {};
  }

  toReply(): Reply {
    const { code, message, reason, status } = this;
    const errors = reason === undefined ? undefined : [{ message, domain: "global", reason }];
    return { status: code, headers: this.headers, json: { error: { code, message, errors, status } } };
  }
}

/** Serves `routes` on a free port of 127.0.0.1. A handler that throws an ApiError answers with it; anything else is a 500. */
export async function startHttpServer(routes: Routes): Promise<HttpServer> {
  const table = Object.entries(routes).map(([route, handle]) => {
    const [method, pathname] = route.split(" ", 2);
    return { method, pattern: new URLPattern({ pathname: pathname ?? "" }), handle };
  });

  async function answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(`http://${request.headers.host ?? "localhost"}${request.url ?? "/"}`);
    const { method = "GET" } = request;
    for (const route of table) {
      const groups = route.method === method ? route.pattern.exec(url)?.pathname.groups : undefined;
      if (groups) return route.handle({ method, url, request, ...accessors(url, groups) });
    }
    throw new ApiError(404, `No method answers ${method} ${url.pathname}.`, {
      reason: "notFound",
      status: "NOT_FOUND",
    });
  }

  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown) => errorReply(error))
      .then((reply) => send(response, reply))
      .catch(() => response.destroy()); // the client left, or the body failed midway: nothing more can be said
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * The account that calls.
 *
 * @throws ApiError 401 without a bearer token, or with one that `authorize` does not know.
 */
export function callerOf({ request }: Call, authorize: Authorize): string {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const email = token === undefined ? undefined : authorize(token);
  if (email !== undefined) return email;
  throw new ApiError(401, token === undefined ? "Login Required." : "Invalid Credentials", {
    reason: token === undefined ? "required" : "authError",
    status: "UNAUTHENTICATED",
    headers: { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' },
  });
}

/** @throws ApiError 400 for a body that is not JSON. */
export async function readJson({ request }: Call): Promise<unknown> {
  const text = Buffer.concat(await request.toArray()).toString();
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(400, "Parse Error", { reason: "parseError", status: "INVALID_ARGUMENT" });
  }
}

function accessors(url: URL, groups: Readonly<Record<string, string | undefined>>): Pick<Call, "param" | "query"> {
  return {
    param(name) {
      const value = groups[name];
      if (value === undefined) throw new Error(`The route has no \`:${name}\`.`);
      return decodeURIComponent(value);
    },
    query: (name) => url.searchParams.get(name) ?? undefined,
  };
}

function errorReply(error: unknown): Reply {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error); // a defect of the test's server
  const known = error instanceof ApiError ? error : new ApiError(500, message, { reason: "backendError" });
  return known.toReply();
}

async function send(response: ServerResponse, { status = 200, headers, json, body }: Reply): Promise<void> {
  if (json !== undefined) response.setHeader("content-type", "application/json; charset=UTF-8");
  response.writeHead(status, headers);
  if (body === undefined || typeof body === "string") response.end(json === undefined ? body : JSON.stringify(json));
  else await pipeline(body, response);
}
