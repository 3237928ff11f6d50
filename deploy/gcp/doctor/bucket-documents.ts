// What Cloud Storage says of a bucket and its notifications: the parts that the doctor reads.
import { z } from "zod";

/** https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
export const Bucket = z.object({
  location: z.string().optional(),
  /** An int64, as JSON has them: a text. */
  projectNumber: z.string().optional(),
  iamConfiguration: z
    .object({
      uniformBucketLevelAccess: z.object({ enabled: z.boolean().optional() }).optional(),
      publicAccessPrevention: z.string().optional(),
    })
    .optional(),
  versioning: z.object({ enabled: z.boolean().optional() }).optional(),
  softDeletePolicy: z.object({ retentionDurationSeconds: z.string().optional() }).optional(),
  retentionPolicy: z.object({ retentionPeriod: z.string().optional() }).optional(),
  defaultEventBasedHold: z.boolean().optional(),
  lifecycle: z
    .object({
      rule: z
        .array(
          z.object({
            action: z.object({ type: z.string().optional() }).optional(),
            condition: z
              .object({ age: z.number().optional(), matchesPrefix: z.array(z.string()).optional() })
              .catchall(z.unknown())
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});
export type Bucket = z.infer<typeof Bucket>;

/** https://cloud.google.com/storage/docs/json_api/v1/notifications/list */
export const Notifications = z.object({
  items: z
    .array(
      z.object({
        topic: z.string().optional(),
        event_types: z.array(z.string()).optional(),
        object_name_prefix: z.string().optional(),
        payload_format: z.string().optional(),
      }),
    )
    .optional(),
});
export type Notifications = z.infer<typeof Notifications>;
