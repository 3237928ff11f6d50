// What sync.yaml says of how staging takes the new data: `swap`, `keep_tables`, `objects` and `after`.
import { z } from "zod";
import { oneOf, text } from "./schema-parts.ts";

/** A SQL file that runs on the new data before staging gets it. */
export interface Script {
  /** As sync.yaml names it: relative to the file that says so. */
  readonly file: string;
  readonly sql: string;
}

export interface StagingRules {
  /** rename: loaded beside the live data and swapped with it. in-place: in the place of the live data, which is emptied. */
  readonly swap: "rename" | "in-place";
  /** Tables that only staging has and that stay where they are: names, or patterns such as `local_*`. */
  readonly keepTables: readonly string[];
  /** Whose views, triggers, routines and events staging has afterwards. */
  readonly objects: "staging" | "production";
  readonly after: readonly Script[];
}

export const STAGING_DEFAULTS: StagingRules = { swap: "rename", keepTables: [], objects: "staging", after: [] };

export const Swap = oneOf(["rename", "in-place"], "a way to change staging over").optional().meta({
  description:
    "rename: the new data is loaded beside the live data and takes its place in one statement. in-place: for a server without room for both; staging is out until the load is done.",
  default: "rename",
});

export const KeepTables = z
  .array(text("is not a table's name: text is expected."), "is not a list of tables such as `[feature_flags]`.")
  .optional()
  .meta({ description: "Tables that only staging has and that stay where they are; `local_*` stands for several." });

export const Objects = oneOf(["staging", "production"], "whose views, triggers, routines and events staging has")
  .optional()
  .meta({
    description: "Whose views, triggers, routines and events staging has afterwards: its own, or production's.",
    default: "staging",
  });

/** Cloud SQL exports production by itself: nobody looks into it. */
export const CloudObjects = z
  .literal("staging", "cannot be `production`: on Cloud SQL nobody reads production. Staging keeps its own.")
  .optional()
  .meta({ description: "Whose views, triggers, routines and events staging has afterwards: its own." });

const SCRIPT = "is not a file: a path relative to this file is expected, such as `after/mail-off.sql`.";

export const After = z
  .array(
    text(SCRIPT).regex(/^(?![/~])(?![a-z][a-z0-9+.-]*:\/\/)[^\\]+$/i, SCRIPT),
    "is not a list of SQL files such as `[after/mail-off.sql]`.",
  )
  .optional()
  .meta({
    description: "SQL files that run on the new data before staging gets it; one that fails leaves staging as it is.",
  });
