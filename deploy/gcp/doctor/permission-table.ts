// Terraform's own table of what each function may do: what it grants is what is looked for.
import { z } from "zod";
import permissions from "../terraform/permissions.json" with { type: "json" };
import type { WritableRole } from "../../../contracts/platform.ts";

/** Logging in as an IAM user; who has a password does not need it. */
export const LOGIN = "cloudsql.instances.login";

const Wanted = z.array(z.string()).default([]);
const Row = z.object({
  ...{ publishes: Wanted, production: Wanted, replica: Wanted, staging: Wanted, bucket: Wanted, secrets: Wanted },
  objects: z.record(z.string(), z.array(z.string())).default({}),
});
const TABLE = z.record(z.string(), Row).parse(permissions);

/** A function's row: empty for one that is not in the table. */
export function permissionsOf(stage: string): z.infer<typeof Row> {
  return TABLE[stage] ?? Row.parse({});
}

export function stagesThatLogIn(role: WritableRole): string[] {
  return Object.keys(TABLE).filter((stage) => permissionsOf(stage)[role].includes(LOGIN));
}
