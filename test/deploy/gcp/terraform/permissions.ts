// What IAM would decide by the roles, bindings and conditions that Terraform made.
import { runInNewContext } from "node:vm";
import type { Resource } from "./terraform.ts";

/** What a condition may ask about: https://cloud.google.com/iam/docs/conditions-resource-attributes */
export interface Target {
  readonly name: string;
  readonly type: string;
}

export const instance = (project: string, name: string): Target => ({
  name: `projects/${project}/instances/${name}`,
  type: "sqladmin.googleapis.com/Instance",
});

export const object = (bucket: string, name: string): Target => ({
  name: `projects/_/buckets/${bucket}/objects/${name}`,
  type: "storage.googleapis.com/Object",
});

export const bucket = (name: string): Target => ({
  name: `projects/_/buckets/${name}`,
  type: "storage.googleapis.com/Bucket",
});

/** The permissions that an account has on a target by the bindings of a project or a bucket. */
export function permissionsOn(
  resources: readonly Resource[],
  account: string,
  at: { readonly project: string } | { readonly bucket: string },
  target: Target,
): string[] {
  const roles = new Map(
    resources
      .filter(({ type }) => type === "google_project_iam_custom_role")
      .map(({ values }) => [values.id as string, values.permissions as string[]]),
  );
  const bindings = resources.filter(({ type, values }) =>
    "project" in at
      ? type === "google_project_iam_member" && values.project === at.project
      : type === "google_storage_bucket_iam_member" && values.bucket === at.bucket,
  );
  const held = bindings
    .filter(({ values }) => values.member === `serviceAccount:${account}`)
    .filter(({ values }) =>
      (values.condition as { expression: string }[]).every((one) => isAllowed(one.expression, target)),
    )
    .flatMap(({ values }) => roles.get(values.role as string) ?? []);
  return [...new Set(held)].toSorted();
}

/** What a condition says: ours are written in the part of CEL that is JavaScript too. */
export function isAllowed(expression: string, resource: Target): boolean {
  return runInNewContext(expression, { resource }) as boolean;
}
