// A preview of preserving for people, a table a line: pure, from what the command found out.
import type { ContractPreview } from "../../handlers/preview-preserve.ts";
import { formatCount, formatNumberOf, formatTable } from "./format.ts";
import { proposedReferences } from "./proposed-references.ts";

export interface PreserveView extends ContractPreview {
  /** The contract's file, as the operator named it. */
  readonly contract: string;
  /** Whose rows stand for what production will have: ``the rows of `shop` on `db:3307` ``. */
  readonly against: string;
}

type Table = PreserveView["tables"][number];

const HEAD = ["table", "rows", "ids kept", "ids anew", "parents pointed at", ""];
const NUMBERS = [1, 2, 3, 4];

/** No newline at the end. */
export function preserveText(view: PreserveView): string {
  const rows = view.tables.reduce((sum, table) => sum + table.rows, 0);
  return [
    `${view.contract}: ${formatNumberOf(rows, "row")} of ${formatNumberOf(view.tables.length, "table")} to preserve, held against ${view.against}`,
    ...(view.heldAgainst === "production"
      ? []
      : [
          "Nobody reads production here: staging's other rows, its last masked copy, stand for it. Which ids are kept, and what",
          "clashes by unique keys and `match`, only the run finds out; or name a clone or read replica of production by `--server`.",
        ]),
    ...section("", view.tables.length === 0 ? [] : formatTable([HEAD, ...view.tables.map(tableLine)], NUMBERS)),
    ...section("Not as it stands:", view.notes),
    ...afterBlank(proposedReferences(view.proposals)),
    ...section(
      "A run would be refused:",
      view.refusals.map(({ code, message }) => `${code}: ${message}`),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ["", ...(title === "" ? [] : [title]), ...lines.map((line) => `  ${line}`)];
}

function afterBlank(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

function tableLine({ table, rows, idsKept, idsAnew, parents, ...met }: Table): string[] {
  return [
    table,
    ...[rows, idsKept, idsAnew, parents.pointed].map((count) => (count === null ? "?" : formatCount(count))),
    trouble({ parents, ...met }).join("; "),
  ];
}

/** What is not plainly carried, and what the contract says of it. */
function trouble({ parents, clashes }: Pick<Table, "parents" | "clashes">): string[] {
  const lost = [
    [parents.nulled, "becomes NULL", "become NULL"],
    [parents.missing, "leads to no row: refused", "lead to no row: refused"],
    [parents.different, "leads to another row: refused", "lead to another row: refused"],
  ] as const;
  return [
    ...clashes.map(({ columns, key, rows, does }) => {
      const clash = `${formatNumberOf(rows, "row")} ${rows === 1 ? "has" : "have"} production's ${columns.join(", ")}`;
      return `${clash}${key === null ? "" : ` (${key})`}: ${does === "fail" || does === "ambiguous" ? "refused" : does}`;
    }),
    ...lost.flatMap(([count, one, several]) =>
      count === 0 ? [] : `${formatNumberOf(count, "reference")} ${count === 1 ? one : several}`,
    ),
  ];
}
