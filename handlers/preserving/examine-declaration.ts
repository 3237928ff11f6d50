// `preserve` and `references` against the schemas, before anything runs: unknown names, types that do not fit. Pure.
import { FatalError } from "../../contracts/errors.ts";
import { didYouMean } from "../../contracts/nearest.ts";
import type { DeclaredReference, SyncContract } from "../../contracts/sync-contract.ts";
import { parsePath } from "../masking/documents/paths.ts";
import type { Column, Schema, Table } from "../mysql/schema.ts";
import { misfit } from "./declared/plan-link.ts";

export interface DeclarationFinding {
  readonly code: string;
  /** Where in sync.yaml. */
  readonly path: readonly (string | number)[];
  /** A sentence or two, with names. */
  readonly message: string;
}

/** The schemas that can be read: where the rows are, and where they go. */
export type Schemas = Partial<Readonly<Record<"staging" | "production", Schema>>>;
type Declaration = Pick<SyncContract, "preserve" | "references">;

/** What is wrong with the declaration, in its order. */
export function examineDeclaration({ preserve, references }: Declaration, schemas: Schemas): DeclarationFinding[] {
  return [
    ...preserve.flatMap(({ table, follow }, i) => [
      ...unknownTable(schemas, table, ["preserve", i, "table"]),
      ...(Array.isArray(follow) ? follow : []).flatMap((name: string, n) =>
        unknownTable(schemas, name, ["preserve", i, "follow", n]),
      ),
    ]),
    ...references.flatMap((reference, i) => {
      const path = ["references", i];
      const unknown = unknownParts(schemas, reference, path);
      return unknown.length > 0 ? unknown : [...repeated(references, i, path), ...unfit(schemas, reference, path)];
    }),
  ];
}

/** @throws FatalError with the code of the first finding, and all findings of its kind */
export function checkDeclaration(declaration: Declaration, schemas: Schemas): void {
  const findings = examineDeclaration(declaration, schemas);
  const [first] = findings;
  if (!first) return;
  const messages = findings.filter(({ code }) => code === first.code).map(({ message }) => message);
  throw new FatalError(first.code, `${messages.join(" ")} Correct sync.yaml, then replay the run.`);
}

function each(schemas: Schemas) {
  return (["staging", "production"] as const).flatMap((role) => {
    const schema = schemas[role];
    return schema ? [[role, schema] as const] : [];
  });
}

function unknownTable(schemas: Schemas, table: string, path: DeclarationFinding["path"]): DeclarationFinding[] {
  return each(schemas).flatMap(([role, { tables }]) =>
    tables.has(table)
      ? []
      : {
          code: role === "staging" ? "PRESERVE_TABLE_UNKNOWN" : "PRESERVE_TABLE_MISSING",
          path,
          message: `There is no table \`${table}\` on ${role}.${didYouMean(table, tables.keys())}`,
        },
  );
}

/** Tables and columns that a reference names and a schema lacks, each once. */
function unknownParts(schemas: Schemas, reference: DeclaredReference, path: DeclarationFinding["path"]) {
  const { table, column, parentTable, parentColumn, when } = reference;
  const code = "PRESERVE_REFERENCE_UNKNOWN";
  const named: [string, string][] = [
    [table, column],
    ...(when ? [[table, when.column] as [string, string]] : []),
    [parentTable, parentColumn],
  ];
  const messages = each(schemas).flatMap(([role, { tables }]) =>
    named.flatMap(([name, of]) => {
      const columns = tables.get(name)?.columns.map((known) => known.name);
      if (!columns) return `There is no table \`${name}\` on ${role}.${didYouMean(name, tables.keys())}`;
      return columns.includes(of) ? [] : `There is no column \`${name}.${of}\` on ${role}.${didYouMean(of, columns)}`;
    }),
  );
  return [...new Set(messages)].map((message) => ({ code, path, message }));
}

function repeated(references: readonly DeclaredReference[], i: number, path: DeclarationFinding["path"]) {
  const first = references.findIndex((other) => JSON.stringify(other) === JSON.stringify(references[i]));
  if (first === i) return [];
  return [
    {
      code: "PRESERVE_REFERENCE_TWICE",
      path,
      message: `The reference is declared twice: \`references[${first}]\` says it already.`,
    },
  ];
}

function unfit(schemas: Schemas, reference: DeclaredReference, path: DeclarationFinding["path"]): DeclarationFinding[] {
  const found = each(schemas).flatMap(([role, { tables }]) => {
    const [table, parentTable] = [tables.get(reference.table), tables.get(reference.parentTable)];
    const child = table?.columns.find(({ name }) => name === reference.column);
    const parent = parentTable?.columns.find(({ name }) => name === reference.parentColumn);
    const wrong = child && parent && parentTable && whatIsUnfit(reference, child, parent, parentTable);
    return wrong ? [{ path, code: wrong.code, message: `On ${role} ${wrong.fact}.` }] : [];
  });
  return found.slice(0, 1);
}

function whatIsUnfit(reference: DeclaredReference, child: Column, parent: Column, parentTable: Table) {
  const [from, to] = [`\`${reference.table}.${child.name}\``, `\`${parentTable.name}.${parent.name}\``];
  if (reference.path !== undefined && !parsePath(reference.path)) {
    return { code: "PRESERVE_REFERENCE_TYPES", fact: `\`${reference.path}\` is no path into a document` };
  }
  if (child.generated) {
    return {
      code: "PRESERVE_REFERENCE_TYPES",
      fact: `${from} is computed by the server, so that it cannot be given another value`,
    };
  }
  const reason = misfit(reference, child, parent);
  if (reason !== undefined)
    return { code: "PRESERVE_REFERENCE_TYPES", fact: `${from} cannot refer to ${to}: ${reason}` };
  const unique = parentTable.keys.some(
    ({ unique: is, parts: [only, ...others] }) =>
      is && only?.column === parent.name && only.prefix === null && others.length === 0,
  );
  return unique
    ? undefined
    : {
        code: "PRESERVE_REFERENCE_NOT_UNIQUE",
        fact: `${to} is neither the primary key nor unique, so that ${from} may lead to several rows`,
      };
}
