// What a runner is told, through its standard input: a password has no place on a command line or in a file.
import { z } from "zod";

const Server = z.strictObject({ host: z.string(), port: z.int(), user: z.string(), password: z.string() });

export const Job = z.strictObject({
  /** The operation's name. */
  operation: z.string(),
  type: z.enum(["export", "import", "backup", "restore"]),
  statePath: z.string(),
  dumps: z.string(),
  role: z.enum(["production", "replica", "staging"]),
  server: Server,
  database: z.string(),
  /** Read by an import and a restore, written by the others. */
  object: z.string(),
  /** The server that will load what is exported; a backup goes back where it comes from. */
  reader: Server.extend({ role: z.enum(["replica", "staging"]) }).optional(),
});
export type Job = z.infer<typeof Job>;
