// The methods on buckets that only read: https://cloud.google.com/storage/docs/json_api/v1/buckets
import type { Call, Reply, Routes } from "../http.ts";
import type { Account } from "./account.ts";
import { type Grant, policyOf } from "./grants.ts";
import { toConfigResources } from "./notifications.ts";

export function bucketRoutes(accountOf: (call: Call) => Account, grants: readonly Grant[]): Routes {
  function get(call: Call): Reply {
    const name = call.param("bucket");
    const { config } = accountOf(call).requireOn("storage.buckets.get", name);
    return {
      json: {
        kind: "storage#bucket",
        id: name,
        name,
        selfLink: `${call.url.origin}/storage/v1/b/${name}`,
        location: "EUROPE-WEST1",
        locationType: "region",
        storageClass: "STANDARD",
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: "enforced" },
        metageneration: "1",
        etag: "CAE=",
        ...config.resource,
      },
    };
  }

  function listNotifications(call: Call): Reply {
    const name = call.param("bucket");
    const { config } = accountOf(call).requireOn("storage.buckets.get", name);
    const items = toConfigResources(name, config.notifications ?? [], call.url.origin);
    return { json: { kind: "storage#notifications", ...(items.length > 0 && { items }) } };
  }

  /** Which of the permissions that are asked for the caller holds; needs none. */
  function testPermissions(call: Call): Reply {
    const account = accountOf(call);
    const name = call.param("bucket");
    account.bucketOf(name);
    const asked = call.url.searchParams.getAll("permissions");
    const permissions = asked.filter((permission) => account.isGranted(permission, name));
    const kind = "storage#testIamPermissionsResponse";
    return { json: { kind, ...(permissions.length > 0 && { permissions }) } };
  }

  const bucket = "/storage/v1/b/:bucket";
  return {
    [`GET ${bucket}`]: get,
    [`GET ${bucket}/iam`]: (call) => {
      accountOf(call).requireOn("storage.buckets.getIamPolicy", call.param("bucket"));
      return { json: policyOf(grants, call.param("bucket")) };
    },
    [`GET ${bucket}/iam/testPermissions`]: testPermissions,
    [`GET ${bucket}/notificationConfigs`]: listNotifications,
  };
}
