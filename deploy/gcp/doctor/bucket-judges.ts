// What a bucket's settings mean for the dumps in it. Pure.
import { failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { bucketOf, topicName } from "../names.ts";
import { retentionsIn } from "../objects/retention.ts";
import { judgeSentence } from "./ask.ts";
import type { Bucket, Notifications } from "./bucket-documents.ts";

/** A raw dump that nobody loaded is gone by then. */
const KEEP_DAYS = 7;

/** https://cloud.google.com/storage/docs/locations#location-mr */
const MULTI_REGIONS = { ASIA: "asia-", EU: "europe-", US: "us-" } as const;

const update = (name: string, change: string) => `gcloud storage buckets update gs://${name} ${change}`;

export function judgeUniformAccess(name: string, { iamConfiguration }: Bucket): Verdict {
  if (iamConfiguration?.uniformBucketLevelAccess?.enabled) return ok("on: no object has rights of its own");
  return failed("off: objects may have rights of their own", update(name, "--uniform-bucket-level-access"));
}

export function judgePublicAccess(name: string, { iamConfiguration }: Bucket): Verdict {
  if (iamConfiguration?.publicAccessPrevention === "enforced") return ok("prevented");
  return failed("not prevented on the bucket itself", update(name, "--public-access-prevention"));
}

export function judgeForgetting(name: string, settings: Bucket): Verdict {
  const [first] = retentionsIn(`gs://${name}`, settings as Parameters<typeof retentionsIn>[1]);
  return first === undefined ? ok("are gone at once") : judgeSentence(first);
}

/** The pipeline deletes its dumps itself: this is for those of a run that nobody abandons. */
export function judgeLifecycle(contract: CloudContract, { lifecycle }: Bucket): Verdict {
  const { bucket, prefix } = bucketOf(contract);
  const runs = `${prefix}runs/`;
  const ages = (lifecycle?.rule ?? []).flatMap(({ action, condition = {} }) => {
    const { age, matchesPrefix, ...others } = condition;
    const covers = matchesPrefix?.some((each) => runs.startsWith(each)) ?? true;
    return action?.type === "Delete" && age !== undefined && covers && Object.keys(others).length === 0 ? [age] : [];
  });
  const age = Math.min(...ages);
  if (age <= KEEP_DAYS) return ok(`\`${runs}\` is deleted after ${age} day${age === 1 ? "" : "s"}`);
  const rule = JSON.stringify({
    rule: [{ action: { type: "Delete" }, condition: { age: 1, matchesPrefix: [runs] } }],
  });
  return warning(
    `nothing deletes what a failed run leaves below \`${runs}\` within ${KEEP_DAYS} days`,
    `echo '${rule}' > lifecycle.json && ${update(bucket, "--lifecycle-file=lifecycle.json")}`,
  );
}

/** Exports and imports cross the network; between continents by the gigabyte. */
export function judgeLocation(contract: CloudContract, { location = "" }: Bucket): Verdict {
  const regions = new Set([contract.production.region, contract.replica.region, contract.staging.region]);
  const isNear = (region: string) => {
    const continent = Object.entries(MULTI_REGIONS).find(([name]) => name === location)?.[1];
    return location.toLowerCase() === region || (continent !== undefined && region.startsWith(continent));
  };
  const far = [...regions].filter((region) => !isNear(region));
  if (far.length === 0) return ok(location);
  return warning(
    `${location}, and instances in ${far.join(", ")}: dumps are slower and cost transfer`,
    `Name a bucket in ${contract.production.region} as \`dumps\` in sync.yaml: a bucket cannot be moved.`,
  );
}

export function judgeNotification(contract: CloudContract, { items = [] }: Notifications): Verdict {
  const { bucket, prefix } = bucketOf(contract);
  const topic = `projects/${contract.project}/topics/${topicName(contract, "dump-finalized")}`;
  const ours = items.filter(
    ({ topic: to = "", event_types: events = ["OBJECT_FINALIZE"] }) =>
      to.endsWith(topic) && events.includes("OBJECT_FINALIZE"),
  );
  const uncovered = ["runs/", "inbox/"]
    .map((folder) => `${prefix}${folder}`)
    .filter((folder) => !ours.some(({ object_name_prefix: covered = "" }) => folder.startsWith(covered)));
  const create = (folder: string) =>
    `gcloud storage buckets notifications create gs://${bucket} --topic=${topic} --event-types=OBJECT_FINALIZE --payload-format=json --object-prefix=${folder}`;
  if (uncovered.length > 0) {
    const which = uncovered.map((folder) => `\`${folder}\``).join(" and ");
    return failed(`nobody is told of new objects below ${which}`, uncovered.map(create).join(" && "));
  }
  if (ours.every(({ payload_format: format }) => format === "JSON_API_V1")) return ok(`onto \`${topic}\``);
  const remedy =
    "Delete that notification (`gcloud storage buckets notifications list`), and create it with --payload-format=json.";
  return failed("a notification has no JSON payload", remedy);
}
