// Where a command reads the schema: from production, from staging where nobody looks into production, or from the server
// that the options name, the application's own in CI, for which no pipeline's world is opened.
import { FatalError } from "../contracts/errors.ts";
import type { ReadSession } from "../contracts/platform.ts";
import { connectionTrouble } from "../handlers/mysql/connection-errors.ts";
import { openReadSession } from "../handlers/mysql/session.ts";
import { UsageError } from "./arguments.ts";
import type { CommandContext, OptionSpec } from "./command.ts";

export type ApartContext = Omit<CommandContext, "world">;

/** What the options need: the contract's database stands for one that they do not name. */
export type SourceContext = Pick<ApartContext, "options" | "environment"> & Partial<Pick<ApartContext, "contract">>;

export interface SchemaSource {
  /** Whose part the schema takes. Another server's stands for production's. */
  readonly role: "production" | "staging";
  readonly database: string;
  /** ``production's schema `shop` `` */
  readonly title: string;
  open(): Promise<ReadSession>;
}

/** The server that the options name. */
export interface ServerSource extends SchemaSource {
  readonly account: { readonly host: string; readonly port: number; readonly user: string };
}

export const SERVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  server: {
    type: "string",
    value: "HOST:PORT",
    description: "Reads the schema there: a database that the application's migrations have made, in CI.",
  },
  user: { type: "string", value: "USER", description: "The user on that server." },
  password: { type: "string", value: "env:NAME", description: "Its password, by reference; none where left out." },
  database: { type: "string", value: "NAME", description: "The database there; production's name where left out." },
};

/** The pipeline's own: production, or staging where production gives no sessions. */
export function worldSource({ world, contract }: CommandContext): SchemaSource {
  const { databases } = world.platform;
  const role = databases.readable.includes("production") ? "production" : "staging";
  const { database } = contract[role];
  return { role, database, title: `${role}'s schema \`${database}\``, open: () => databases.read(role) };
}

/**
 * The server of the options, undefined where they name none.
 *
 * @throws UsageError
 */
export function serverSource({ options, contract, environment }: SourceContext): ServerSource | undefined {
  const given = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
  const server = given("server");
  if (server === undefined) {
    const alone = ["user", "password", "database"].find((name) => given(name) !== undefined);
    if (alone === undefined) return undefined;
    throw new UsageError(`\`--${alone}\` goes with \`--server HOST:PORT\`.`);
  }
  const address = addressOf(server);
  const user = given("user");
  if (!address) throw new UsageError("`--server` is not a server: `HOST` or `HOST:PORT` is expected.");
  if (user === undefined) throw new UsageError("`--server` needs `--user USER`.");
  const database = given("database") ?? contract?.production.database;
  if (database === undefined)
    throw new UsageError("`--server` needs `--database NAME` where there is no contract yet.");
  const account = { ...address, user };
  const password = passwordOf(given("password"), environment);
  return {
    ...{ role: "production", database, title: `the schema \`${database}\` on \`${server}\``, account },
    open: () => openOn({ ...account, password }, server, database),
  };
}

/** `127.0.0.1`, `db:3307`, `[::1]:3306`. */
function addressOf(server: string): { readonly host: string; readonly port: number } | undefined {
  const [, host = "", digits = "3306"] = /^(\[[0-9a-f:.]+\]|[^\s/@:]+)(?::(\d{1,5}))?$/i.exec(server) ?? [];
  const port = Number(digits);
  return host === "" || port < 1 || port > 65_535 ? undefined : { host: host.replace(/^\[(.*)\]$/, "$1"), port };
}

/** Not quoted where it is no reference: it may be the password. */
function passwordOf(reference: string | undefined, environment: CommandContext["environment"]): string {
  if (reference === undefined) return "";
  const name = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(reference)?.[1];
  if (name === undefined)
    throw new UsageError("`--password` refers to an environment variable: `--password env:NAME`.");
  const value = environment[name];
  if (value !== undefined) return value;
  throw new FatalError(
    "SECRET_MISSING",
    `The environment variable \`${name}\` (\`--password\`) is not set. Set it, then try again.`,
  );
}

async function openOn(
  account: Parameters<typeof openReadSession>[1],
  server: string,
  database: string,
): Promise<ReadSession> {
  try {
    const session = await openReadSession("production", account);
    const there = await session.query("SELECT 1 AS found FROM information_schema.schemata WHERE schema_name = ?", [
      database,
    ]);
    if (there.length > 0) return session;
    await session.close();
  } catch (error) {
    const trouble = connectionTrouble(error);
    if (!trouble) throw error;
    const { code } = trouble;
    throw trouble.kind === "unreachable"
      ? new FatalError(
          "MYSQL_UNREACHABLE",
          `The server at \`${server}\` cannot be reached (${code}). Start it, or correct \`--server\`.`,
        )
      : new FatalError(
          "MYSQL_ACCESS_DENIED",
          `The server at \`${server}\` does not let \`${account.user}\` in (${code}). Correct \`--user\` or \`--password\`.`,
        );
  }
  throw new FatalError(
    "DATABASE_MISSING",
    `There is no database \`${database}\` on \`${server}\`, or \`${account.user}\` may not see it. Create it, or correct \`--database\`.`,
  );
}

/** Opens a session on the source for as long as `use` runs. */
export async function withSession<Result>(
  source: SchemaSource,
  use: (session: ReadSession) => Promise<Result>,
): Promise<Result> {
  const session = await source.open();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
