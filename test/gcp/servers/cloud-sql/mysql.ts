// The MySQL server behind an instance: its accounts, and the client tools that Cloud SQL runs on it.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { findTools, type Flavour, type Tool } from "../../../../deploy/local/sql-admin/tools.ts";
import { realMySqlTools } from "../../../support/real-mysql.ts";

export interface MySqlServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface ServiceAccounts {
  /** Reads everything. */
  readonly export: Account;
  /** Writes everything, without SUPER, FILE, SYSTEM_VARIABLES_ADMIN and their like. */
  readonly import: Account;
}

/** How a tool ended: `error` is what it printed. */
export type ToolEnd =
  { readonly ok: true } | { readonly ok: false; readonly status: number | null; readonly error: string };

export interface RunningTool {
  readonly child: ChildProcess;
  readonly ended: Promise<ToolEnd>;
}

export interface Backend {
  readonly server: MySqlServer;
  readonly flavour: Flavour;
  readonly accounts: ServiceAccounts;
  /** Runs work as the server's administrator. */
  asAdmin<Result>(work: (admin: Connection) => Promise<Result>): Promise<Result>;
  /** Starts the dump tool or the client on the server. */
  run(tool: "dump" | "client", account: Account, options: readonly string[], signal: AbortSignal): RunningTool;
  /** Ends the sessions of an account and waits for it: a killed client's last statement would run on. */
  endSessions(user: string): Promise<void>;
  /** Removes what was made on the server. */
  close(): Promise<void>;
}

const EXPORT = "SELECT, RELOAD, PROCESS, SHOW DATABASES, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER";
/** https://cloud.google.com/sql/docs/mysql/users#default-users */
const IMPORT =
  "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, " +
  "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER";

/** Makes the accounts that Cloud SQL has on every instance, under names of their own: a server may be shared. */
export async function openBackend(server: MySqlServer): Promise<Backend> {
  async function asAdmin<Result>(work: (admin: Connection) => Promise<Result>): Promise<Result> {
    const admin = await createConnection({ ...server });
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }
  const suffix = randomBytes(4).toString("hex");
  const accounts: ServiceAccounts = {
    export: { user: `cloudsqlexport_${suffix}`, password: randomBytes(18).toString("base64url") },
    import: { user: `cloudsqlimport_${suffix}`, password: randomBytes(18).toString("base64url") },
  };
  const flavour = await asAdmin(async (admin) => {
    for (const [{ user, password }, privileges] of [
      [accounts.export, EXPORT],
      [accounts.import, IMPORT],
    ] as const) {
      await admin.query("CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
      await admin.query(`GRANT ${privileges} ON *.* TO ?@'%'`, [user]);
    }
    const [rows] = await admin.query<RowDataPacket[]>("SELECT VERSION() AS version");
    return /mariadb/i.test(String(rows[0]?.["version"])) ? "mariadb" : "mysql";
  });
  const tools = { dump: await toolFor("dump", flavour), client: await toolFor("client", flavour) };
  return {
    ...{ server, flavour, accounts, asAdmin },
    run: (kind, account, options, signal) => startTool(tools[kind], server, account, options, signal),
    endSessions: (user) => asAdmin((admin) => endSessions(admin, user)),
    close: () =>
      asAdmin(async (admin) => {
        for (const { user } of Object.values(accounts)) await admin.query("DROP USER ?@'%'", [user]);
      }),
  };
}

/** Cloud SQL's tools are of its server's kind. */
async function toolFor(kind: "dump" | "client", flavour: Flavour): Promise<Tool> {
  const [tool] = await findTools(kind, flavour, flavour === "mysql" ? [await realMySqlTools()] : []);
  if (tool?.flavour !== flavour) throw new Error(`There is no ${kind} tool for a ${flavour} server on this machine.`);
  return tool;
}

function startTool(
  tool: Tool,
  { host, port }: MySqlServer,
  { user, password }: Account,
  options: readonly string[],
  signal: AbortSignal,
): RunningTool {
  const child = spawn(
    tool.path,
    [
      "--no-defaults",
      "--protocol=tcp",
      ...[`--host=${host}`, `--port=${port}`, `--user=${user}`],
      "--default-character-set=utf8mb4",
      "--max-allowed-packet=1G",
      tool.flavour === "mysql" ? "--loose-get-server-public-key" : "--skip-ssl-verify-server-cert",
      ...options,
    ],
    { env: { ...process.env, MYSQL_PWD: password }, signal, killSignal: "SIGKILL" },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<ToolEnd>((resolve) => {
    child.once("error", (error) => resolve({ ok: false, status: null, error: error.message }));
    child.once("close", (status) =>
      resolve(status === 0 ? { ok: true } : { ok: false, status, error: withoutStatement(said) }),
    );
  });
  return { child, ended };
}

/** MariaDB's client shows the statement that failed; MySQL's, which Cloud SQL has, does not. */
function withoutStatement(said: string): string {
  return said.replace(/^-{14}\n.*?\n-{14}\n\n/s, "").trim();
}

async function endSessions(admin: Connection, user: string): Promise<void> {
  for (;;) {
    const [sessions] = await admin.query<RowDataPacket[]>("SHOW PROCESSLIST");
    const left = sessions.filter(({ User }) => User === user);
    if (left.length === 0) return;
    for (const { Id } of left) await admin.query("KILL ?", [Id]).catch(() => undefined); // it has ended meanwhile
    await sleep(10);
  }
}
