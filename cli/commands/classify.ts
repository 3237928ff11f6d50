// `understudy classify`: a first contract for a schema, or what a changed schema asks of the contract that there is.
import { readFile, rename, writeFile } from "node:fs/promises";
import type { DeclaredReference, MaskingContract } from "../../contracts/sync-contract.ts";
import {
  entryOf,
  lookAtValues,
  propose,
  reviseContract,
  type Revision,
  type TableProposal,
  writeEntries,
  writeFirstContract,
} from "../../handlers/masking/classifying/index.ts";
import { proposeReferences } from "../../handlers/preserving/proposals/index.ts";
import { readSchema } from "../../handlers/mysql/schema.ts";
import { UsageError } from "../arguments.ts";
import type { Command, CommandContext, CommandResult, FirstContext } from "../command.ts";
import { classifiedText, type ClassifiedView } from "../render/classified-text.ts";
import {
  type ApartContext,
  type SchemaSource,
  SERVER_OPTIONS,
  serverSource,
  withSession,
  worldSource,
} from "../schema-source.ts";

export const classify: Command = {
  name: "classify",
  summary: "Writes a first contract; later, what the schema's changes ask of it",
  description:
    "Reads the schema and proposes a transform for every column that the contract does not name: by its name and comment\n(English and Japanese), type and keys. What may be personal is masked; what it is unsure of is marked `unsure`.\n\nWithout a contract it writes a whole one: name the server with --server, --user and --database. With one it adds what\nis new in the schema, removes what is gone, and leaves every other line as it is.\n\n--samples looks at values, too, at most 400 rows of each table: they are counted, and neither shown nor kept. It also\nproposes lines for `references`: columns and places in documents that look like references which nobody declared.",
  parameters: [],
  options: {
    write: { type: "boolean", description: "Writes the contract's file; without it, the contract is printed." },
    samples: { type: "boolean", description: "Looks at values, too, and shows none." },
    ...SERVER_OPTIONS,
  },
  log: "warnings",
  run: (context: CommandContext) => revise(context, worldSource(context)),
  runApart(context) {
    const source = serverSource(context);
    return source && revise(context, source);
  },
  async runFirst(context) {
    const source = serverSource(context);
    if (!source) {
      throw new UsageError(
        `There is no contract at \`${context.contractFile}\` yet. Name the server to read: \`--server HOST:PORT --user USER --database NAME\`.`,
        "classify",
      );
    }
    const classified = await look(context, source, { key: "", unlisted: "stop", tables: {} }, []);
    const given = context.options["password"];
    const password = typeof given === "string" ? given : "env:PRODUCTION_PASSWORD";
    const known = { ...source.account, password, database: source.database };
    const text = writeFirstContract(known, writeEntries(classified.proposals.map((proposal) => entryOf(proposal))));
    return finish(context, source, classified, { text, removed: [], left: [], unwritten: [] });
  },
};

/** The contract that there is, with what the schema's changes ask of it. */
async function revise(context: ApartContext, source: SchemaSource): Promise<CommandResult> {
  const classified = await look(context, source, context.contract.masking, context.contract.references);
  const before = await readFile(context.contractPath, "utf8");
  const revision = reviseContract(before, context.contract.masking, classified.schema, classified.proposals);
  return finish(context, source, classified, revision, before);
}

type Classified = Awaited<ReturnType<typeof look>>;

async function look(
  { options }: FirstContext,
  source: SchemaSource,
  contract: MaskingContract,
  declared: readonly DeclaredReference[],
) {
  return withSession(source, async (session) => {
    const schema = await readSchema(session, source.database);
    const isAllowed = options["samples"] === true;
    const looked = isAllowed ? await lookAtValues(session, schema) : undefined;
    const references = isAllowed ? await proposeReferences({ session, schema, declared }) : [];
    return { schema, looked, references, proposals: propose(contract, schema, looked?.evidence) };
  });
}

/** @param before the contract's text; absent where there was none */
async function finish(
  { options, contractFile, contractPath, screen }: FirstContext,
  { title }: SchemaSource,
  { proposals, looked, references }: Classified,
  revision: Revision,
  before?: string,
): Promise<CommandResult> {
  const isWritten = options["write"] === true;
  const { text } = revision;
  if (isWritten && text !== before) await replaceFile(contractPath, text);
  const view: ClassifiedView = {
    ...{ contract: contractFile, title, isFirst: before === undefined, isWritten },
    columns: proposals.flatMap(columnsOf),
    truncated: proposals.filter(({ truncate }) => truncate).map(({ table }) => table.name),
    removed: revision.removed.map(named),
    left: revision.left.map(named),
    unwritten: revision.unwritten.map(named),
    ...(looked && { sampledRows: looked.rows }),
    unread: looked?.unread ?? [],
    references: references.map(({ line, values, found }) => ({ line, values, found })),
  };
  const said = classifiedText(view);
  const isPrinted = !isWritten && options["json"] !== true;
  if (isPrinted) screen.write(`${said}\n`);
  return { exitCode: 0, json: { ...view, text }, text: isPrinted ? text.replace(/\n$/, "") : said };
}

function columnsOf({ table, columns }: TableProposal): ClassifiedView["columns"] {
  return columns.map(({ column, proposal: { transform, sure, why } }) => ({
    ...{ table: table.name, column: column.name, transform: transform.name, sure, why },
  }));
}

function named({ table, column }: { readonly table: string; readonly column?: string }): string {
  return column === undefined ? table : `${table}.${column}`;
}

/** Whole or not at all: a contract that is cut short would be somebody's work lost. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  await writeFile(beside, text);
  await rename(beside, path);
}
