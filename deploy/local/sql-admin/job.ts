// What a runner is told, through its standard input: a password has no place on a command line or in a file.
import { z } from "zod";

export const Job = z.strictObject({
  /** The operation's name. */
  operation: z.string(),
  type: z.enum(["export", "import", "backup"]),
  statePath: z.string(),
  dumps: z.string(),
  role: z.enum(["production", "replica", "staging"]),
  server: z.strictObject({ host: z.string(), port: z.int(), user: z.string(), password: z.string() }),
  database: z.string(),
  /** Read by an import, written by the others. */
  object: z.string(),
});
export type Job = z.infer<typeof Job>;
