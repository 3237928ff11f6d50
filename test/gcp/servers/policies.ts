// In front of an emulator or a test's server that has no IAM: answers for the policies of what is behind it, and for the
// paths that a test adds, and passes everything else on.
import { callerOf, ApiError, type Authorize, type HttpServer, type Routes, startHttpServer } from "./http.ts";
import type { Binding } from "./service-usage.ts";

export interface Front {
  /** What is behind it: `http://127.0.0.1:1234`. */
  readonly behind: string;
  /** Bindings by resource: `projects/shop/topics/understudy-shop-masked`. Read for every request. */
  readonly policies: Map<string, Binding[]>;
  readonly authorize: Authorize;
  readonly routes?: Routes;
}

export function startFront({ behind, policies, authorize, routes = {} }: Front): Promise<HttpServer> {
  return startHttpServer({
    ...routes,
    "GET /v1/*": async (call) => {
      const { pathname, search } = call.url;
      callerOf(call, authorize);
      const [, resource] = /^\/v1\/(.*):getIamPolicy$/.exec(pathname) ?? [];
      if (resource !== undefined) {
        // A resource without bindings has an empty policy; who asks for one that is not there gets a 404.
        const bindings = policies.get(resource);
        if (!bindings) throw new ApiError(404, `Resource not found (resource=${resource}).`, { status: "NOT_FOUND" });
        return { json: { etag: "ACAB", ...(bindings.length > 0 && { version: 3, bindings }) } };
      }
      const { authorization = "" } = call.request.headers;
      const answer = await fetch(`${behind}${pathname}${search}`, { headers: { authorization } });
      const headers = { "content-type": answer.headers.get("content-type") ?? "text/plain" };
      return { status: answer.status, headers, body: await answer.text() };
    },
  });
}
