// What an account may do by IAM policies: which of the permissions that it needs no binding gives it.
import { z } from "zod";
import { failed, ok, unknown, type Verdict } from "../../../contracts/examination.ts";

/** https://cloud.google.com/iam/docs/reference/rest/v1/Policy */
export const Policy = z.object({
  bindings: z
    .array(
      z.object({
        role: z.string(),
        members: z.array(z.string()).optional(),
        condition: z.object({ title: z.string().optional(), expression: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});
export type Policy = z.infer<typeof Policy>;

/** What a role contains; undefined where that could not be looked up. */
export type Permissions = ReadonlySet<string> | undefined;

export interface Holding {
  readonly missing: readonly string[];
  /** The roles that gave something, and the titles of the conditions under which they did: these are not evaluated. */
  readonly by: readonly string[];
  readonly conditions: readonly string[];
  /** Who may give what is missing, but could not be looked into: groups, and roles that the operator may not see. */
  readonly unseen: readonly string[];
}

/** Whom a binding may mean by a member: itself, everybody, or a group that it may be in. */
const EVERYBODY = ["allUsers", "allAuthenticatedUsers"];
const isGroup = (member: string) => /^(?:group|domain|principalSet):/.test(member);

/** Roles whose contents `holdingOf` needs: those bound to the member, or to a group that it may be in. */
export function rolesFor(policy: Policy, member: string): string[] {
  const concerns = (other: string) => other === member || EVERYBODY.includes(other) || isGroup(other);
  const roles = (policy.bindings ?? []).filter(({ members = [] }) => members.some(concerns)).map(({ role }) => role);
  return [...new Set(roles)];
}

/** Which of `wanted` the member holds by these policies together. Pure. */
export function holdingOf(
  member: string,
  wanted: readonly string[],
  policies: readonly Policy[],
  roles: ReadonlyMap<string, Permissions>,
): Holding {
  const missing = new Set(wanted);
  const [by, conditions, unseen] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const bindings = policies.flatMap((policy) => policy.bindings ?? []);
  for (const { role, members = [], condition } of bindings) {
    const direct = members.some((other) => other === member || EVERYBODY.includes(other));
    const groups = members.filter(isGroup);
    if (!direct && groups.length === 0) continue;
    const given = roles.get(role);
    const gives = given ? wanted.filter((permission) => given.has(permission)) : undefined;
    if (gives?.length === 0) continue;
    if (direct && gives) {
      for (const permission of gives) missing.delete(permission);
      by.add(role);
      if (condition) conditions.add(condition.title ?? condition.expression ?? "untitled");
    } else unseen.add(direct ? `the role \`${role}\`` : groups.map((group) => `\`${group}\``).join(", "));
  }
  return {
    missing: [...missing],
    by: [...by],
    conditions: [...conditions],
    unseen: missing.size > 0 ? [...unseen] : [],
  };
}

/** ` (conditions that are not evaluated: …)`, or nothing. */
export function tellConditions(conditions: readonly string[]): string {
  const titles = [...new Set(conditions)].map((title) => `\`${title}\``).join(", ");
  return titles === "" ? "" : ` (under conditions that are not evaluated: ${titles})`;
}

/** @param where `on the bucket `gs://shop``; @param remedy the command that grants what is missing */
export function judgeHolding(
  { missing, by, conditions, unseen }: Holding,
  member: string,
  where: string,
  remedy: string,
): Verdict {
  if (missing.length === 0) return ok(`${by.join(", ")}${tellConditions(conditions)}`);
  const lacked = missing.map((permission) => `\`${permission}\``).join(", ");
  const account = member.replace(/^[a-zA-Z]+:/, "");
  if (unseen.length === 0) return failed(`\`${account}\` lacks ${lacked} ${where}`, remedy);
  return unknown(`\`${account}\` may have ${lacked} ${where} by ${unseen.join("; ")}, which cannot be seen`, remedy);
}
