// The shapes that several events share.
import { z } from "zod";

/** The pipeline's name in sync.yaml; part of topics' attributes, lock and labels. */
export const PipelineName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, "is not a pipeline name: lower-case letters, digits and dashes, a letter first");

/** An object's name within the pipeline's bucket and prefix, for example `runs/<run>/production.sql.gz`. */
export const ObjectName = z.string().min(1).max(1024);

/** Cloud Storage's generation: a decimal number too large for a double; it changes with every write of the object. */
export const Generation = z.string().regex(/^\d+$/, "is not an object generation: digits only");

/** A count of rows, tables or bytes. */
export const Count = z.int().nonnegative();

/** Which database a dump is of: production's raw one or the replica's masked one. */
export const Origin = z.enum(["production", "replica"]);
export type Origin = z.infer<typeof Origin>;
