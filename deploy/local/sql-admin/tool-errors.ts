// A tool's error number in a sentence: what happened, and what to do.
import { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import { UNREACHABLE_RETRY_MS } from "../databases.ts";
import type { Job } from "./job.ts";
import type { ToolEnd } from "./run-tool.ts";

const MEANINGS: readonly {
  readonly errnos: readonly number[];
  readonly code: string;
  readonly advice: string;
  readonly retryable?: boolean;
}[] = [
  {
    errnos: [1045, 1130, 1251, 1698, 2061],
    code: "MYSQL_ACCESS_DENIED",
    advice: "The server does not let the account in: correct its user or password in sync.yaml, or the account.",
  },
  {
    errnos: [1370],
    code: "MYSQL_PRIVILEGE_MISSING",
    advice: "A view calls a stored function that the account may not execute: grant it EXECUTE on the database.",
  },
  {
    errnos: [1305],
    code: "FUNCTION_MISSING",
    advice:
      "A view calls a stored function. Dumps have none, and staging, which lends its own, lacks it: create it there, or drop the view on production and request a new run.",
  },
  {
    errnos: [1044, 1142, 1143, 1227, 1410, 1419],
    code: "MYSQL_PRIVILEGE_MISSING",
    advice: "The account lacks a privilege: give it those that the documentation lists for this role.",
  },
  {
    errnos: [1040, 1053, 1152, 1158, 1159, 1160, 1161, 2002, 2003, 2005, 2006, 2013, 2055],
    code: "MYSQL_UNREACHABLE",
    advice: "The server cannot be reached, or went away: see to it that it runs.",
    retryable: true,
  },
  {
    errnos: [2059],
    code: "TOOL_UNSUITABLE",
    advice:
      "The tool does not know the account's way to log in: give the account another authentication plugin, or install MariaDB's client beside MySQL's.",
  },
  { errnos: [1049], code: "DATABASE_MISSING", advice: "There is no such database on the server: create it." },
  {
    errnos: [1021, 1026, 1114],
    code: "SERVER_DISK_FULL",
    advice: "The server's disk (or its limit on temporary tables) is full: free some space there.",
  },
  {
    errnos: [1153, 2020],
    code: "PACKET_TOO_LARGE",
    advice: "A row is larger than the server takes: raise its `max_allowed_packet` to production's.",
  },
  {
    errnos: [1115, 1273],
    code: "COLLATION_UNKNOWN",
    advice: "The server does not know a character set or collation of the dump: it is older than production.",
  },
];

/** Which operation, on which server, stopped where and with which number; never the tool's own text. */
export function toolError(job: Job, end: ToolEnd): FatalError | RetryAfter {
  const { errno, sqlState, line } = end;
  const meaning = MEANINGS.find(({ errnos }) => errno !== undefined && errnos.includes(errno));
  const where = line === undefined ? "" : ` at line ${line} of \`${job.object}\``;
  const why = errno === undefined ? "" : ` with MySQL error ${errno}${sqlState === undefined ? "" : ` (${sqlState})`}`;
  const code = meaning?.code ?? `${job.type.toUpperCase()}_FAILED`;
  const advice =
    meaning?.advice ??
    "The tool's own text is left out: it may quote a row. The number is explained in MySQL's error reference.";
  const fact = `The ${job.type} of \`${job.database}\` on the ${job.role} server \`${job.server.host}:${job.server.port}\` stopped${where}${why}.`;
  if (meaning?.retryable) return new RetryAfter(code, UNREACHABLE_RETRY_MS, `${fact} ${advice}`);
  return new FatalError(code, `${fact} ${advice} Then replay the run.`);
}
