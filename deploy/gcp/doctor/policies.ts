// Where IAM policies come from: a resource's own, then its project's.
import { z } from "zod";
import type { Endpoints } from "../endpoints.ts";
import type { Ask, Question } from "./ask.ts";
import { type Holding, holdingOf, type Permissions, Policy, rolesFor } from "./grants.ts";

/** https://cloud.google.com/iam/docs/reference/rest/v1/roles#Role */
const Role = z.object({ includedPermissions: z.array(z.string()).optional() });

export interface Policies {
  /**
   * Which permissions a member holds. A policy is asked for only while something is missing in those before it, so that
   * a project's own, which few may see, is rarely needed.
   *
   * @throws Unanswered for a policy that the operator may not see
   */
  holding(member: string, wanted: readonly string[], policies: readonly Question<Policy>[]): Promise<Holding>;
  /** A project's own policy, as a question. */
  ofProject(project: string): Question<Policy>;
}

export function openPolicies(ask: Ask, endpoints: Pick<Endpoints, "iam" | "resourceManager">): Policies {
  async function contentsOf(role: string): Promise<Permissions> {
    const [, project] = /^projects\/([^/]+)\//.exec(role) ?? [];
    try {
      const { includedPermissions = [] } = await ask({
        url: `${endpoints.iam}/v1/${role}`,
        what: `the role \`${role}\``,
        service: "iam.googleapis.com",
        project: project ?? "",
        permission: "iam.roles.get",
        role: "roles/iam.roleViewer",
        missing: "terraform apply",
        schema: Role,
      });
      return new Set(includedPermissions);
    } catch {
      return undefined; // told where it matters: as a role that could not be seen
    }
  }

  return {
    async holding(member, wanted, questions) {
      const policies: Policy[] = [];
      const roles = new Map<string, Permissions>();
      let holding: Holding = { missing: wanted, by: [], conditions: [], unseen: [] };
      for (const question of questions) {
        if (holding.missing.length === 0) break;
        const policy = await ask(question);
        policies.push(policy);
        for (const role of rolesFor(policy, member)) roles.set(role, await contentsOf(role));
        holding = holdingOf(member, wanted, policies, roles);
      }
      return holding;
    },
    ofProject: (project) => ({
      url: `${endpoints.resourceManager}/v1/projects/${project}:getIamPolicy`,
      // Conditions come with version 3 alone: https://cloud.google.com/iam/docs/policies#versions
      body: { options: { requestedPolicyVersion: 3 } },
      what: `the project \`${project}\``,
      service: "cloudresourcemanager.googleapis.com",
      project,
      permission: "resourcemanager.projects.getIamPolicy",
      role: "roles/iam.securityReviewer",
      missing: "Correct the project in sync.yaml.",
      schema: Policy,
    }),
  };
}
