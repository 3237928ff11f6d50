// What functions, IAM users and Firestore's databases answer, which no other server of the tests has.
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { serviceAccountEmail, subscriptionName } from "../../../deploy/gcp/names.ts";
import { consumers } from "../../../handlers/consumers.ts";
import { type Authorize, callerOf, type Routes } from "../../gcp/servers/http.ts";
import type { Deployment } from "./doctor-world.ts";

/** Nobody listens there: nothing is published in these tests. */
export function uriOf(consumer: string): string {
  return `http://127.0.0.1:9/${consumer}`;
}

export function functionsOf(contract: CloudContract): Deployment["functions"] {
  return new Map(
    consumers.map(({ name }) => [
      subscriptionName(contract, name),
      { state: "ACTIVE", uri: uriOf(name), serviceAccountEmail: serviceAccountEmail(contract, name) },
    ]),
  );
}

/** https://cloud.google.com/functions/docs/reference/rest/v2, and Cloud Run's policies. */
export function functionRoutes(
  functions: Deployment["functions"],
  policies: Deployment["policies"],
  authorize: Authorize,
): Routes {
  const notFound = { status: 404, json: { error: { code: 404, status: "NOT_FOUND" } } };
  return {
    "GET /v2/projects/:project/locations/:location/functions/:name": (call) => {
      callerOf(call, authorize);
      const found = functions.get(call.param("name"));
      if (!found) return notFound;
      const { state, ...serviceConfig } = found;
      return { json: { name: call.url.pathname.slice(4), environment: "GEN_2", state, serviceConfig } };
    },
    "GET /v2/:resource(.*)\\:getIamPolicy": (call) => {
      callerOf(call, authorize);
      const bindings = policies.get(call.param("resource"));
      return bindings ? { json: { version: 3, etag: "BwYAAA=", bindings } } : notFound;
    },
  };
}

/** Cloud SQL tells IAM users by the part of their address before the `@`. */
export function userRoutes(users: ReadonlySet<string>): Routes {
  return {
    "GET /v1/projects/:project/instances/:instance/users": () => ({
      json: {
        kind: "sql#usersList",
        items: [...users].map((email) => ({
          ...{ kind: "sql#user", name: email.replace(/@.*/s, ""), host: "%" },
          ...{ type: "CLOUD_IAM_SERVICE_ACCOUNT", iamEmail: email },
        })),
      },
    }),
  };
}

export function firestoreRoutes(firestore: Deployment["firestore"], own: string): Routes {
  const database = "/v1/projects/:project/databases/:database";
  return {
    [`GET ${database}`]: (call) => {
      if (call.param("database") !== own) return { status: 404, json: { error: { code: 404, status: "NOT_FOUND" } } };
      return { json: { name: call.url.pathname.slice(4), type: firestore.type, locationId: "eur3" } };
    },
    [`GET ${database}/collectionGroups/:group/fields/:field`]: (call) => {
      const state = firestore.ttl[call.param("group")];
      return { json: { name: call.url.pathname.slice(4), ...(state && { ttlConfig: { state } }) } };
    },
  };
}
