// The run store: its database, and the policies that delete old runs from it.
import { z } from "zod";
import { type Check, failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import type { Endpoints } from "../endpoints.ts";
import { firestoreDatabase } from "../names.ts";
import type { Ask } from "./ask.ts";

/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases#Database */
export const FirestoreDatabase = z.object({ type: z.string().optional(), locationId: z.string().optional() });
export type FirestoreDatabase = z.infer<typeof FirestoreDatabase>;

/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups.fields#Field */
export const Field = z.object({ ttlConfig: z.object({ state: z.string().optional() }).optional() });
export type Field = z.infer<typeof Field>;

const Documents = z.object({ documents: z.array(z.unknown()).optional() });

/** The collections whose documents have an `expireAt`: see run-store.ts. */
const EXPIRING = ["runs", "deadLetters"];

export function firestoreChecks(
  contract: CloudContract,
  ask: Ask,
  { firestore }: Pick<Endpoints, "firestore">,
): Check[] {
  const { project } = contract;
  const database = firestoreDatabase(contract);
  const url = `${firestore}/v1/projects/${project}/databases/${database}`;
  const question = {
    ...{
      url,
      what: `the database \`${database}\` in project \`${project}\``,
      service: "firestore.googleapis.com",
      project,
    },
    ...{ role: "roles/datastore.viewer", missing: "terraform -chdir=deploy/gcp/terraform apply" },
  };
  const describe = () => ask({ ...question, permission: "datastore.databases.getMetadata", schema: FirestoreDatabase });
  return [
    { area: "Firestore", check: "database", run: async () => judgeFirestore(await describe()) },
    {
      ...{ area: "Firestore", check: "runs" },
      async run() {
        await describe();
        const asked = { ...question, url: `${url}/documents/runs?pageSize=1`, schema: Documents };
        await ask({ ...asked, permission: "datastore.entities.list" });
        return ok("may be read");
      },
    },
    ...EXPIRING.map((group) => ({
      ...{ area: "Firestore", check: `expiry of ${group}` },
      async run() {
        await describe();
        const asked = { ...question, url: `${url}/collectionGroups/${group}/fields/expireAt`, schema: Field };
        return judgeExpiry(contract, group, await ask({ ...asked, permission: "datastore.indexes.get" }));
      },
    })),
  ];
}

export function judgeFirestore({ type = "none", locationId = "" }: FirestoreDatabase): Verdict {
  if (type === "FIRESTORE_NATIVE") return ok(`in ${locationId}`);
  return failed(`it is of type ${type}`, "Delete it, then terraform apply: it must be in native mode.");
}

export function judgeExpiry(contract: CloudContract, group: string, { ttlConfig }: Field): Verdict {
  if (["ACTIVE", "CREATING"].includes(ttlConfig?.state ?? "")) return ok("by `expireAt`");
  return warning(
    "nothing deletes old ones",
    `gcloud firestore fields ttls update expireAt --collection-group=${group} --enable-ttl --database=${firestoreDatabase(contract)} --project=${contract.project}`,
  );
}
