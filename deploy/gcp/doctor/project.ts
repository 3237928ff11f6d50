// A project's number, by which Google names its own service agents in it.
import { z } from "zod";
import type { Endpoints } from "../endpoints.ts";
import type { Ask } from "./ask.ts";

/** https://cloud.google.com/resource-manager/reference/rest/v1/projects#Project */
export const Project = z.object({ projectNumber: z.string(), lifecycleState: z.string().optional() });
export type Project = z.infer<typeof Project>;

export function describeProject(
  project: string,
  ask: Ask,
  { resourceManager }: Pick<Endpoints, "resourceManager">,
): Promise<Project> {
  return ask({
    url: `${resourceManager}/v1/projects/${project}`,
    what: `the project \`${project}\``,
    service: "cloudresourcemanager.googleapis.com",
    project,
    permission: "resourcemanager.projects.get",
    role: "roles/browser",
    missing: "Correct `project` in sync.yaml.",
    schema: Project,
  });
}
