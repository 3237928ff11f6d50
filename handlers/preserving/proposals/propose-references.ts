// Proposes lines for `references` in sync.yaml: columns and places in documents that are called and filled like references.
import { writeReference, type DeclaredReference } from "../../../contracts/declared-reference.ts";
import type { ReadSession, SqlValue } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Schema } from "../../mysql/schema.ts";
import { candidatesIn } from "./candidates.ts";
import { kindOf, type Parent } from "./named-parents.ts";
import { sightingsIn, type Sighting } from "./sightings.ts";

export interface ReferenceProposal {
  readonly reference: DeclaredReference;
  /** To paste under `references` in sync.yaml. */
  readonly line: string;
  /** Distinct values in the sample; so many of them are values of the parent's key. */
  readonly values: number;
  readonly found: number;
}

export interface ProposeOptions {
  /** A session on the server that has rows of the schema: the sample is read there, and nothing is written. */
  readonly session: ReadSession;
  readonly schema: Schema;
  /** Those of the contract: they are not proposed again. */
  readonly declared: readonly DeclaredReference[];
  /** Those whose rows are preserved: what neither stands in their rows, to any depth, nor leads to them is left out. */
  readonly tables?: readonly string[];
}

/** Of the values seen, so many must be the parent's: rows without a foreign key have lost some of their parents. */
const MOST = 0.8;

/**
 * Finds references that neither the schema nor the contract declares, in a sample of each table's rows.
 *
 * A polymorphic pair is proposed once for each table that its types name. Proposals tell names, of columns and of types
 * that are tables' names, and counts.
 */
export async function proposeReferences(options: ProposeOptions): Promise<ReferenceProposal[]> {
  const { session, schema, declared, tables } = options;
  const proposals: ReferenceProposal[] = [];
  for (const table of schema.tables.values()) {
    const candidates = candidatesIn(table, schema, declared);
    if (!candidates) continue;
    const sightings = await sightingsIn(session, schema.database, schema, candidates);
    const told = sightings.filter((each) => isOpen(each, sightings, declared));
    const found = [];
    for (const sighting of told) found.push(...(await believe(session, schema.database, sighting)));
    proposals.push(...joinTypes(found));
  }
  return tables === undefined ? proposals : hangingOn(tables, schema, proposals, declared);
}

/** A column whose neighbour tells the table says nothing by its own name; what the contract declares is not open. */
function isOpen({ column, path, when }: Sighting, all: readonly Sighting[], declared: readonly DeclaredReference[]) {
  if (path === undefined && when === undefined) {
    return !all.some((other) => other.column.name === column.name && other.when !== undefined);
  }
  const [first] = all;
  return !declared.some(
    (each) =>
      each.table === first?.table &&
      each.column === column.name &&
      each.path === path &&
      (when === undefined || each.when?.values.includes(when.value)),
  );
}

/** The likeliest of its parents, where that has most of its values. */
async function believe(session: ReadSession, database: string, sighting: Sighting): Promise<ReferenceProposal[]> {
  const values = sighting.values.size;
  if (values === 0) return [];
  let best: { readonly parent: Parent; readonly found: number } | undefined;
  for (const parent of sighting.parents) {
    const found = await countFound(session, database, parent, [...sighting.values.values()]);
    if (found >= values * MOST && found > (best?.found ?? 0)) best = { parent, found };
  }
  if (!best) return [];
  const { table, column, path, when } = sighting;
  const reference: DeclaredReference = {
    ...{ table, column: column.name, ...(path !== undefined && { path }) },
    ...{ parentTable: best.parent.table, parentColumn: best.parent.column.name },
    ...(when && { when: { column: when.column, values: [when.value] } }),
  };
  return [{ reference, line: writeReference(reference), values, found: best.found }];
}

async function countFound(session: ReadSession, database: string, { table, column }: Parent, values: SqlValue[]) {
  const integer = kindOf(column) === "integer";
  // An integer compared with text is rounded.
  const comparable = integer
    ? values.filter((value) => /^-?\d+$/.test(String(value))).map((value) => BigInt(String(value)))
    : values;
  if (comparable.length === 0) return 0;
  const [row] = await session.query<{ n: string | number }>(
    `SELECT COUNT(*) AS n FROM ${quoteTable(database, table)} WHERE ${quoteName(column.name)} IN (?)`,
    [comparable],
  );
  return Math.min(Number(row?.n ?? 0), values.length);
}

/** `Company` and `App\Models\Company` in one column are one line. */
function joinTypes(proposals: readonly ReferenceProposal[]): ReferenceProposal[] {
  const place = ({ reference: { when, ...rest } }: ReferenceProposal) => JSON.stringify([rest, when?.column]);
  return [...Map.groupBy(proposals, place).values()].flatMap((alike) => {
    const [first] = alike;
    if (!first?.reference.when) return alike;
    const values = alike.flatMap(({ reference }) => reference.when?.values ?? []).toSorted();
    const reference = { ...first.reference, when: { ...first.reference.when, values } };
    const sum = (of: "values" | "found") => alike.reduce((total, each) => total + each[of], 0);
    return { reference, line: writeReference(reference), values: sum("values"), found: sum("found") };
  });
}

/** Those of rows that are preserved, or would be if the lines were declared. */
function hangingOn(
  tables: readonly string[],
  schema: Schema,
  proposals: readonly ReferenceProposal[],
  declared: readonly DeclaredReference[],
): ReferenceProposal[] {
  const keys = [...schema.tables.values()].flatMap(({ foreignKeys }) => foreignKeys);
  const edges = [...keys, ...declared, ...proposals.map(({ reference }) => reference)];
  const reached = new Set(tables);
  // A set iterates over what is added meanwhile.
  for (const parent of reached) {
    for (const { table, parentTable } of edges) if (parentTable === parent) reached.add(table);
  }
  return proposals.filter(({ reference }) => reached.has(reference.table));
}
