// An operation that failed, in a sentence: what happened, and what to do. Cloud SQL passes on what mysqldump and mysql
// printed, which may quote a row: of that only the numbers are told.
import type { OperationError } from "../../../contracts/platform.ts";
import { readError, type ToolErrorNumbers } from "../../mysql-tool-text.ts";
import { BUCKET_PERMISSION, bucketPermissionAdvice } from "./bucket-permission.ts";
import type { Facts } from "./facts.ts";
import { type CloudOperation, describeInstance, type InstanceName, OPERATION_TYPES } from "./operation.ts";

interface Failure {
  /** `export`, `import`, `backup` or `restore`. */
  readonly type: string;
  readonly instance: InstanceName;
  readonly uri: string | undefined;
  readonly database: string | undefined;
  /** Cloud SQL's own: `ERROR_RDBMS`, `INTERNAL_ERROR`, `UNKNOWN`. */
  readonly code: string;
  readonly numbers: ToolErrorNumbers;
  /** Its text; empty where there are numbers, so that no pattern is met in what is a row. */
  readonly text: string;
}

interface Meaning {
  readonly errnos?: readonly number[];
  readonly matches?: (failure: Failure) => boolean;
  readonly code: string;
  readonly retryable?: boolean;
  readonly advice: (failure: Failure) => string;
}

/** The first that matches. */
const MEANINGS: readonly Meaning[] = [
  {
    matches: ({ code, text }) => /cancel/i.test(code) || /\boperation\b.*\bcancell?ed\b/i.test(text),
    code: "OPERATION_CANCELLED",
    advice: () => "It was cancelled. Request a new run when you want one.",
  },
  {
    errnos: [1227, 1044, 1142, 1143, 1370],
    matches: ({ text }) => /\bSUPER\b/.test(text),
    code: "DUMP_NEEDS_SUPER",
    advice: ({ type }) =>
      type === "export"
        ? "Cloud SQL's own account may not read something there: look for a view or a table in `mysql` or `sys` that the database refers to, and take it out, then replay the run."
        : "The dump has a statement that Cloud SQL lets nobody run (it needs SUPER or the like). Definers, GTIDs, binary logging, global variables and replication are taken out of every dump before; what is at that line is another, such as a function from a library or an object in `mysql` or `sys`. Take it out of production, then request a new run.",
  },
  {
    errnos: [1419],
    code: "TRIGGERS_NOT_TRUSTED",
    advice: ({ instance }) =>
      `With binary logging on, triggers and functions need the flag \`log_bin_trust_function_creators\`. Set it on \`${instance.name}\` beside the flags that it has (\`gcloud sql instances patch --database-flags\` replaces them all), then replay the run.`,
  },
  {
    errnos: [1049],
    matches: ({ text }) => /\bdatabase\b.*\b(?:does not exist|not found)|unknown database/i.test(text),
    code: "DATABASE_MISSING",
    advice: ({ database }) =>
      `There is no such database${database === undefined ? "" : ` as \`${database}\``} there. Create it or correct sync.yaml, then replay the run.`,
  },
  {
    errnos: [1356, 1449],
    code: "VIEW_BROKEN",
    advice: () =>
      "A view there refers to a table, a column or a definer that is gone, so it cannot be read. Mend or drop it (`CHECK TABLE` on each view finds it), then replay the run.",
  },
  {
    errnos: [1021, 1026, 1114],
    matches: ({ text }) => /no space left|disk (?:is )?full|out of disk/i.test(text),
    code: "SERVER_DISK_FULL",
    advice: ({ instance }) =>
      `Its disk is full. Give it more with \`gcloud sql instances patch ${instance.name} --project=${instance.project} --storage-auto-increase\` (or \`--storage-size\`), then replay the run.`,
  },
  {
    errnos: [1153, 2020],
    code: "PACKET_TOO_LARGE",
    advice: () =>
      "A row is larger than it takes: raise its flag `max_allowed_packet` to production's, then replay the run.",
  },
  {
    errnos: [1115, 1273],
    code: "COLLATION_UNKNOWN",
    advice: () =>
      "It does not know a character set or collation of the dump: it is older than production. Upgrade it, then replay the run.",
  },
  {
    errnos: [1040, 1053, 1152, 1158, 1159, 1160, 1161, 2002, 2003, 2005, 2006, 2013, 2055],
    code: "MYSQL_UNREACHABLE",
    retryable: true,
    advice: () => "Its MySQL server went away in the middle (a restart, maintenance, no memory). It is tried again.",
  },
  {
    matches: ({ type, text }) => type === "export" && /already exists/i.test(text),
    code: "OBJECT_EXISTS",
    retryable: true,
    advice: () => "The object was there before, and Cloud SQL overwrites none. The next attempt writes beside it.",
  },
  {
    matches: ({ type, text }) => type === "import" && /does not exist|not found|no such object/i.test(text),
    code: "OBJECT_GONE",
    advice: () =>
      "The object is not there: it was removed, or a lifecycle rule of the bucket took it. Request a new run.",
  },
  {
    matches: ({ type, text }) => type === "export" && /does not exist|not found|no such bucket/i.test(text),
    code: "BUCKET_MISSING",
    advice: () => "There is no such bucket. Make it or correct `dumps` in sync.yaml, then replay the run.",
  },
  {
    matches: ({ code, text }) => code.startsWith("INTERNAL") || /internal error/i.test(text),
    code: "CLOUD_SQL_INTERNAL",
    retryable: true,
    advice: () => "It was Cloud SQL's own fault (an internal error). It is tried again.",
  },
  {
    matches: ({ code, text, numbers }) => code !== "ERROR_RDBMS" && text === "" && numbers.errno === undefined,
    code: "OPERATION_UNEXPLAINED",
    retryable: true,
    advice: ({ instance: { project, name } }) =>
      `Cloud SQL gives no reason. It is tried again; what it logged is in \`gcloud logging read 'resource.labels.database_id="${project}:${name}"' --project=${project} --limit=20\`.`,
  },
];

/** Undefined for an operation that ended well. */
export async function operationError(operation: CloudOperation, facts: Facts): Promise<OperationError | undefined> {
  if (!operation.error) return undefined;
  const failure = failureOf(operation);
  const fact = factOf(failure);
  if (failure.numbers.errno === undefined && BUCKET_PERMISSION.test(failure.text)) {
    const advice = await bucketPermissionAdvice(facts, failure.instance, failure.uri, failure.text);
    return { code: "BUCKET_PERMISSION_MISSING", message: `${fact} ${advice}`, retryable: false };
  }
  const meaning = MEANINGS.find((each) => means(each, failure));
  if (meaning) {
    const message = `${fact} ${meaning.advice(failure)}`;
    return { code: meaning.code, message, retryable: meaning.retryable ?? false };
  }
  const message = `${fact} ${unknownAdvice(failure)}`;
  return { code: `${failure.type.toUpperCase()}_FAILED`, message, retryable: false };
}

function means({ errnos = [], matches }: Meaning, failure: Failure): boolean {
  const { errno } = failure.numbers;
  return (errno !== undefined && errnos.includes(errno)) || (matches?.(failure) ?? false);
}

function failureOf(operation: CloudOperation): Failure {
  const [error] = operation.error?.errors ?? [];
  const { exportContext, importContext, operationType, targetProject, targetId } = operation;
  const numbers = readError(error?.message ?? "");
  return {
    type: Object.entries(OPERATION_TYPES).find(([, theirs]) => theirs === operationType)?.[0] ?? "operation",
    instance: { project: targetProject ?? "", name: targetId ?? "" },
    uri: exportContext?.uri ?? importContext?.uri ?? undefined,
    database: exportContext?.databases?.[0] ?? importContext?.database ?? undefined,
    code: /^\w+$/.exec(error?.code ?? "")?.[0] ?? "UNKNOWN",
    numbers,
    text: numbers.errno === undefined ? (error?.message ?? "") : "",
  };
}

function factOf({ type, instance, uri, database, numbers: { errno, sqlState, line } }: Failure): string {
  const what = database === undefined ? "" : ` of \`${database}\``;
  const object = uri === undefined ? "" : ` ${type === "export" ? "to" : "from"} \`${uri}\``;
  const why = errno === undefined ? "" : ` with MySQL error ${errno}${sqlState === undefined ? "" : ` (${sqlState})`}`;
  const where = line === undefined ? "" : ` at line ${line}`;
  return `The ${type}${what} on ${describeInstance(instance)}${object} failed${where}${why}.`;
}

function unknownAdvice({ type, code, numbers }: Failure): string {
  if (numbers.errno !== undefined) {
    return "Its text is left out: it may quote a row. The number is explained in MySQL's error reference. Mend the cause, then replay the run.";
  }
  // https://cloud.google.com/sql/docs/mysql/import-export/import-export-sql: `ERROR_RDBMS` is often this.
  const bucket =
    type === "export" || type === "import"
      ? " Often the instance's own service account lacks the role `roles/storage.objectAdmin` on the bucket: `understudy doctor` checks it."
      : "";
  return `Cloud SQL calls it \`${code}\`; its text is left out: it may quote a row. The instance's log in the console has it.${bucket} Mend the cause, then replay the run.`;
}
