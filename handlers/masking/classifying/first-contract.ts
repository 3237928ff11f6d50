// A whole sync.yaml from nothing: what is known of production, and placeholders for the rest.
import { scalar } from "./entry.ts";

/** Where the schema was read. */
export interface KnownServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A reference, never the password itself. */
  readonly password: string;
  readonly database: string;
}

/**
 * @param tables the entries of masking.tables, indented by nothing; not empty
 * @returns a contract that parses as it is; the servers to fill in are marked
 */
export function writeFirstContract(production: KnownServer, tables: string): string {
  const { database } = production;
  const placeholder = (role: "replica" | "staging", name: string) =>
    server(role, {
      host: `${role}.invalid`,
      port: 3306,
      user: "understudy",
      password: `env:${role.toUpperCase()}_PASSWORD`,
      database: name,
    });
  return `# Written by \`npx understudy classify\`: a proposal. Review each line, and those marked "unsure" twice.
# \`npx understudy classify --write\` again, after the schema has changed, changes what has changed and nothing else.
pipeline: ${pipelineName(database)}

# It is read and never written: an account with SELECT and SHOW VIEW on the database is enough.
${server("production", production)}
# To fill in: a scratch server of your own (it is wiped in every run), and the one that staging uses.
${placeholder("replica", database)}
${placeholder("staging", `${database.slice(0, 50)}_staging`)}
dumps: .understudy/dumps

# To fill in: the rows that staging alone has and is to keep, such as demo data; all others are replaced in every run.
# docs/contract.md tells how, and \`npx understudy plan --preserve\` shows what comes along.
preserve: [] # - { table: companies, where: is_demo = 1 }

masking:
  key: env:UNDERSTUDY_MASKING_KEY # 32 bytes or more: openssl rand -hex 32
  tables:
${indent(tables.trimEnd(), 4)}
`;
}

function server(role: string, { host, port, user, password, database }: KnownServer): string {
  return `${role}: { host: ${scalar(host)}, port: ${port}, user: ${scalar(user)}, password: ${scalar(password)}, database: ${scalar(database)} }`;
}

/** Lower-case letters, digits and dashes, a letter first: events/common.ts. */
function pipelineName(database: string): string {
  const name = database
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return name.slice(0, 63) || "sync";
}

/** Empty lines stay empty. */
export function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}
