// What sync.yaml may say: the schema that checks it, and that editors get as contracts/sync.schema.json.
// Every message completes a sentence that begins with the path: "`replica.port` is not a port: …".
import { z } from "zod";
import { PipelineName } from "../events/common.ts";
import { Collations } from "./collation-map.ts";
import { didYouMean } from "./nearest.ts";
import { ALLOWABLE } from "./patterns.ts";
import { Preserve, References } from "./preserve-rules.ts";
import { Condition, oneOf, text } from "./schema-parts.ts";
import { After, CloudObjects, KeepTables, Objects, Swap } from "./staging-rules.ts";
import { FRESH_KEY } from "./sync-contract.ts";
import { TransformInFile } from "./transforms.ts";

/** MySQL's limit for names, in characters: https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html */
const NAME_MAX = 64;
/** Staging is swapped between databases named after it. */
const STAGING_SUFFIX_MAX = "__next".length;
const SERVERS_OWN = ["mysql", "sys", "information_schema", "performance_schema", "_understudy"];

/** What may stand in a reference's place. */
type Instead = { readonly pattern: string; readonly message: string; readonly description: string };
type Reference = (what: string, example: string, or?: Instead) => z.ZodString;

const VariableReference: Reference = (what, example, or) => {
  const message = `must refer to an environment variable, for example \`env:${example}\`. A secret is never written in this file.${or?.message ?? ""}`;
  return z
    .string(message)
    .regex(either(/env:[A-Za-z_][A-Za-z0-9_]*/, or), message)
    .meta({
      description: `${what}, by reference: \`env:NAME\` reads the environment variable NAME.${or?.description ?? ""}`,
    });
};

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets#Secret */
const SecretReference: Reference = (what, example, or) => {
  const message = `must refer to Secret Manager, for example \`secret://my-project/${example}\`. A secret is never written in this file.${or?.message ?? ""}`;
  return z
    .string(message)
    .regex(
      either(/secret:\/\/[a-z][a-z0-9-]{4,28}[a-z0-9]\/[A-Za-z0-9_-]{1,255}(?:\/(?:latest|[1-9]\d*))?/, or),
      message,
    )
    .meta({
      description: `${what}, by reference: \`secret://PROJECT/NAME\`, or \`secret://PROJECT/NAME/VERSION\`, in Secret Manager.${or?.description ?? ""}`,
    });
};

function either({ source }: RegExp, or: Instead | undefined): RegExp {
  return new RegExp(`^(?:${source}${or ? `|${or.pattern}` : ""})$`);
}

const DatabaseName = text("is not a database's name: text is expected.")
  .max(NAME_MAX, `is longer than ${NAME_MAX} characters, MySQL's limit for names.`)
  .regex(
    /^(?![\s-])[^\p{Cc}/\\.`]*(?<!\s)$/u,
    "is not a database's name: no dots, slashes, backslashes, backticks or control characters, no dash first, no space at an end.",
  )
  .refine(
    (name) => !SERVERS_OWN.includes(name.toLowerCase()),
    "is a database that belongs to the server or to Understudy.",
  );

const StagingDatabaseName = DatabaseName.max(
  NAME_MAX - STAGING_SUFFIX_MAX,
  `is longer than ${NAME_MAX - STAGING_SUFFIX_MAX} characters: the databases \`<name>__next\` and \`<name>__prev\` stand beside it, and MySQL's limit for names is ${NAME_MAX}.`,
);

const PORT = "is not a port: a whole number from 1 to 65535 is expected.";

const server = (role: string, database: z.ZodString, description: string) =>
  z
    .strictObject(
      {
        host: text("is not a host: a name or an IP address is expected.")
          .regex(
            /^[^\s/@]+$/,
            "is not a host: a name or an IP address is expected, without a scheme, a user or a path.",
          )
          .meta({ description: "Host name or IP address." }),
        port: z.int(PORT).min(1, PORT).max(65_535, PORT).optional().meta({ description: "TCP port.", default: 3306 }),
        user: text("is not a user's name: text is expected.").meta({ description: "MySQL user; it needs no SUPER." }),
        password: VariableReference("The user's password", `${role}_PASSWORD`),
        database: database.meta({ description: "The database on that server." }),
      },
      "is not an instance: a map of `host`, `port`, `user`, `password` and `database` is expected.",
    )
    .meta({ description });

/** `example.com:project` too: https://cloud.google.com/sql/docs/mysql/connect-overview */
const CONNECTION_NAME = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]:[a-z]+-[a-z]+\d+:[a-z][a-z0-9-]{0,97}$/;

const place = (database: z.ZodString) => ({
  instance: text("is not a Cloud SQL instance: `PROJECT:REGION:NAME` is expected.")
    .regex(CONNECTION_NAME, "is not a Cloud SQL instance: `PROJECT:REGION:NAME` is expected, its connection name.")
    .meta({ description: "The Cloud SQL instance's connection name: PROJECT:REGION:NAME." }),
  database: database.meta({ description: "The database on that instance." }),
});

/** Cloud SQL exports production by itself: there is no account on it to give. */
const exportedInstance = (database: z.ZodString, description: string) =>
  z
    .strictObject(place(database), "is not an instance: a map of `instance` and `database` is expected.")
    .meta({ description });

const cloudInstance = (role: string, database: z.ZodString, description: string) =>
  z
    .strictObject(
      {
        ...place(database),
        user: text("is not a user's name: text is expected.").optional().meta({
          description: "MySQL user with a password. Left out: IAM database login as the stage's own service account.",
        }),
        password: SecretReference("The user's password", `${role}-password`).optional(),
      },
      "is not an instance: a map of `instance` and `database` is expected.",
    )
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      message: "has one of `user` and `password`: give both, or neither for IAM database login.",
    })
    .meta({ description });

const KEPT =
  "is not a list of columns to keep: `keep: [id, status]` is expected. (`keep: redact` masks a column named `keep`.)";

const RowsRule = z
  .strictObject({
    delete: Condition.meta({
      description: "Which rows stay behind, as SQL after WHERE: `created_at < '2020-01-01'`. They never reach staging.",
    }),
  })
  .meta({ description: "Rows that stay behind." });

const ROWS =
  'is not what becomes of rows: `rows: { delete: "CONDITION" }` is expected. (`rows: redact` masks a column named `rows`.)';

/** True where a table's `rows` is about its rows, and not a transform for a column of that name. */
export function isRowsRule(
  rows: z.infer<typeof RowsRule> | TransformInFile | undefined,
): rows is z.infer<typeof RowsRule> {
  return typeof rows === "object" && rows !== null && "delete" in rows;
}

const Columns = z
  .object({
    keep: z
      .union([z.array(text("is not a column's name: text is expected.")), TransformInFile], KEPT)
      .optional()
      .meta({ description: "The columns that stay as they are. (A transform here masks a column named `keep`.)" }),
    rows: z
      .union([RowsRule, TransformInFile], ROWS)
      .optional()
      .meta({ description: "Rows that stay behind. (A transform here masks a column named `rows`.)" }),
  })
  .catchall(TransformInFile)
  .meta({ description: "Each column with its transform; the columns of `keep` stay as they are." });

const TableRule = z
  .union([oneOf(["keep", "truncate"], "a table's rule"), Columns], {
    error: ({ input }) =>
      `is not a table's rule: \`keep\`, \`truncate\` or a map of columns is expected.${typeof input === "string" ? didYouMean(input, ["keep", "truncate"]) : ""}`,
  })
  .meta({ description: "keep: every row as it is. truncate: no rows. Or a map of columns." });

const Allow = z
  .array(
    z.strictObject(
      {
        table: text("is not a table's name: text is expected.").meta({ description: "A table." }),
        column: text("is not a column's name: text is expected.").meta({ description: "A column of it that is kept." }),
        patterns: z
          .array(oneOf(ALLOWABLE, "a pattern"), "is not a list of patterns such as `[email]`.")
          .min(1, "is empty: name the patterns that the column may hold.")
          .meta({ description: "What it may hold; `original`: values of masked columns." }),
      },
      "is not an exception: a map of `table`, `column` and `patterns` is expected.",
    ),
    "is not a list of exceptions such as `- { table: notes, column: body, patterns: [email] }`.",
  )
  .meta({ description: "Kept columns in which the proof may find personal data that is no one's." });

const maskingWith = (key: z.ZodString) =>
  z
    .strictObject(
      {
        key,
        unlisted: oneOf(["stop", "redact"], "what becomes of an unlisted column (there is no `keep`)").optional().meta({
          description: "What becomes of a column that is not listed: the run stops, or the column is redacted.",
          default: "stop",
        }),
        tables: z.record(z.string(), TableRule, "is not a map of tables.").meta({
          description: "Each of production's tables with what may reach staging; `log_*` stands for several alike.",
        }),
        allow: Allow.optional(),
      },
      "is not the masking rules: a map of `key` and `tables` is expected.",
    )
    .meta({ description: "What may reach staging. Nothing that is not named here does." });

/** What of it is a file is seen before: contracts/contract-files.ts. */
const Extends = z
  .string("is not a file: a path relative to this file is expected, such as `base.yaml`.")
  .optional()
  .meta({
    description: "Another contract, relative to this file, that says what this one does not: its keys, and its tables.",
  });

const KEY = "The masking key: the same key masks a value alike in every table and run";
const OR_FRESH = {
  pattern: FRESH_KEY,
  message: ` Or \`${FRESH_KEY}\`, for a new key in each run.`,
  description: ` Or \`${FRESH_KEY}\`: a new key for each run, so that nothing can be linked between two.`,
};

const ROLES = {
  production: "Where the rows come from. It is read and never written.",
  replica: "The private scratch server where masking happens. It is wiped after a run.",
  staging: "Where the masked copy goes.",
} as const;

/** sync.yaml for three MySQL servers. */
export const ServersContractFile = z
  .strictObject(
    {
      extends: Extends,
      pipeline: PipelineName.meta({ description: "The pipeline's name: its lock, labels and runs go by it." }),
      production: server("PRODUCTION", DatabaseName, ROLES.production),
      replica: server("REPLICA", DatabaseName, ROLES.replica),
      staging: server("STAGING", StagingDatabaseName, ROLES.staging),
      dumps: text("is not a directory: a path is expected.")
        .regex(/^(?![a-z][a-z0-9+.-]*:\/\/)/i, "is not a directory: a path is expected, and not a URL.")
        .meta({
          description: "A directory for dumps, absolute or relative to this file. Raw dumps are deleted once loaded.",
        }),
      masking: maskingWith(VariableReference(KEY, "UNDERSTUDY_MASKING_KEY", OR_FRESH)),
      preserve: Preserve.optional(),
      references: References.optional(),
      collations: Collations,
      swap: Swap,
      keep_tables: KeepTables,
      objects: Objects,
      after: After,
    },
    "is not a sync contract: a map of `pipeline`, `production`, `replica`, `staging`, `dumps` and `masking` is expected.",
  )
  .meta({ title: "Understudy sync contract for three MySQL servers" });
export type ServersContractFile = z.infer<typeof ServersContractFile>;

/** A service account's name, `<pipeline>-<stage>`, has 30 characters: https://cloud.google.com/iam/docs/service-accounts-create */
const CLOUD_PIPELINE_MAX = 30 - "-export-production".length;

/** sync.yaml for three Cloud SQL instances. */
export const CloudContractFile = z
  .strictObject(
    {
      extends: Extends,
      pipeline: PipelineName.max(
        CLOUD_PIPELINE_MAX,
        `is longer than ${CLOUD_PIPELINE_MAX} characters: the service accounts are named after it, and Google's limit for these is 30.`,
      ).meta({ description: "The pipeline's name: its topics, functions and service accounts are named after it." }),
      project: text("is not a project: its id is expected.")
        .regex(/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "is not a project: its id is expected.")
        .optional()
        .meta({ description: "The project that the pipeline runs in; the replica's where it is left out." }),
      network: oneOf(["private", "psc"], "a way to reach the instances").optional().meta({
        description: "How the functions reach the instances: private services access, or Private Service Connect.",
        default: "private",
      }),
      production: exportedInstance(DatabaseName, ROLES.production),
      replica: cloudInstance("replica", DatabaseName, ROLES.replica),
      staging: cloudInstance("staging", StagingDatabaseName, ROLES.staging),
      dumps: text("is not a bucket: `gs://BUCKET/PREFIX` is expected.")
        .regex(
          /^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](?:\/[A-Za-z0-9._-]+)*\/?$/,
          "is not a bucket: `gs://BUCKET` or `gs://BUCKET/PREFIX` is expected.",
        )
        .meta({ description: "The bucket for dumps, with a prefix or without. Raw dumps are deleted once loaded." }),
      masking: maskingWith(SecretReference(KEY, "understudy-masking-key", OR_FRESH)),
      preserve: Preserve.optional(),
      references: References.optional(),
      collations: Collations,
      swap: Swap,
      keep_tables: KeepTables,
      objects: CloudObjects,
      after: After,
    },
    "is not a sync contract: a map of `pipeline`, `production`, `replica`, `staging`, `dumps` and `masking` is expected.",
  )
  .meta({ title: "Understudy sync contract for Cloud SQL" });
export type CloudContractFile = z.infer<typeof CloudContractFile>;
