// Who may do what to which bucket, as IAM has it: https://cloud.google.com/storage/docs/access-control/iam-permissions
import { forbidden } from "./errors.ts";

export type Permission =
  | "storage.buckets.get"
  | "storage.buckets.getIamPolicy"
  | "storage.objects.create"
  | "storage.objects.delete"
  | "storage.objects.get"
  | "storage.objects.list"
  | "storage.objects.update";

export interface Grant {
  readonly bucket: string;
  /** A service account's e-mail address. */
  readonly member: string;
  readonly permissions: readonly Permission[];
  /** Holds for objects whose name begins so, as by a condition on `resource.name`. It never lets anybody list. */
  readonly objectNamePrefix?: string;
}

/** Predefined roles: https://cloud.google.com/storage/docs/access-control/iam-roles */
export const ROLES = {
  "roles/storage.objectAdmin": [
    "storage.objects.create",
    "storage.objects.delete",
    "storage.objects.get",
    "storage.objects.list",
    "storage.objects.update",
  ],
  "roles/storage.objectCreator": ["storage.objects.create"],
  "roles/storage.objectViewer": ["storage.objects.get", "storage.objects.list"],
  "roles/storage.legacyBucketReader": ["storage.buckets.get", "storage.objects.list"],
} as const satisfies Record<string, readonly Permission[]>;

/** @param object's name, for a permission on an object. */
export function isGranted(
  grants: readonly Grant[],
  member: string,
  permission: Permission,
  bucket: string,
  object?: string,
): boolean {
  return grants.some(
    (grant) =>
      grant.bucket === bucket &&
      grant.member === member &&
      grant.permissions.includes(permission) &&
      (grant.objectNamePrefix === undefined || object?.startsWith(grant.objectNamePrefix)),
  );
}

/** @throws ApiError 403, which names the permission that is missing. */
export function requireGrant(
  grants: readonly Grant[],
  member: string,
  permission: Permission,
  bucket: string,
  object?: string,
): void {
  if (!isGranted(grants, member, permission, bucket, object)) throw forbidden(member, permission);
}

/**
 * A bucket's IAM policy, version 3: a binding for each grant. Permissions that are no predefined role's are shown as a
 * custom role that is called by them.
 */
export function policyOf(grants: readonly Grant[], bucket: string): Record<string, unknown> {
  const bindings = grants
    .filter((grant) => grant.bucket === bucket)
    .map(({ member, permissions, objectNamePrefix: prefix }) => ({
      role: roleOf(permissions),
      members: [`serviceAccount:${member}`],
      ...(prefix !== undefined && {
        condition: {
          title: `objects below ${prefix}`,
          expression: `resource.name.startsWith("projects/_/buckets/${bucket}/objects/${prefix}")`,
        },
      }),
    }));
  return {
    kind: "storage#policy",
    resourceId: `projects/_/buckets/${bucket}`,
    version: 3,
    etag: "CAE=",
    bindings,
  };
}

function roleOf(permissions: readonly Permission[]): string {
  const wanted = permissions.toSorted().join();
  const [role] = Object.entries(ROLES).find(([, held]) => held.toSorted().join() === wanted) ?? [];
  return role ?? `projects/understudy/roles/${permissions.join("_").replaceAll("storage.", "").replaceAll(".", "_")}`;
}
