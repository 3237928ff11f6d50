// Families of tables and rows that stay behind, as the plan sees them: no database is asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { isFatal } from "../../../contracts/errors.ts";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { checkMasking, maskedColumns, planMasking } from "../../../handlers/masking/index.ts";
import type { Column, ForeignKey, Schema, Table } from "../../../handlers/mysql/schema.ts";

function column(name: string, type: string): Column {
  const isText = type === "varchar";
  return {
    ...{ name, dataType: type, columnType: isText ? "varchar(80)" : type, nullable: name.endsWith("_id") },
    ...(isText ? { maxCharacters: 80, maxBytes: 320 } : { maxCharacters: null, maxBytes: null }),
    ...{ characterSet: isText ? "utf8mb4" : null, collation: isText ? "utf8mb4_bin" : null },
    ...{ generated: false, autoIncrement: false, onUpdateNow: false, default: null, comment: "" },
  };
}

/** `references` as `parent` or `parent cascade`, by `parent_id`. */
function table(name: string, texts: readonly string[], references: readonly string[] = []): Table {
  const foreignKeys = references.map((reference): ForeignKey => {
    const [parent = "", ...action] = reference.split(" ");
    const onDelete = action.join(" ") as "cascade" | "set null" | "";
    return {
      ...{ name: `${name}_${parent}`, table: name, columns: [`${parent}_id`] },
      ...{ parentTable: parent, parentColumns: ["id"], ...(onDelete && { onDelete }) },
    };
  });
  const columns = [
    column("id", "int"),
    ...foreignKeys.flatMap((key) => key.columns.map((own) => column(own, "int"))),
    ...texts.map((text) => column(text, "varchar")),
  ];
  const primary = { name: "PRIMARY", unique: true, parts: [{ column: "id", prefix: null }] };
  return { name, engine: "InnoDB", estimatedRows: 1, columns, keys: [primary], foreignKeys };
}

const schemaOf = (...tables: Table[]): Schema => ({
  database: "shop",
  tables: new Map(tables.map((own) => [own.name, own])),
  views: [],
});

/** A contract from what stands under `masking.tables`. */
function contractOf(tables: string): MaskingContract {
  const server = (host: string) => `{ host: ${host}, user: u, password: env:P, database: shop }`;
  const text = `pipeline: shop
production: ${server("a")}
replica: ${server("b")}
staging: ${server("c")}
dumps: dumps
masking:
  key: env:KEY
  tables:
${tables.replaceAll(/^/gm, "    ")}`;
  return parseSyncContract(text, "sync.yaml").masking;
}

function refusal(tables: string, schema: Schema): { code: string; message: string } {
  try {
    planMasking(contractOf(tables), schema);
  } catch (error) {
    assert.ok(isFatal(error), String(error));
    return { code: error.code, message: error.message };
  }
  return assert.fail("The plan was made.");
}

const LOGS = schemaOf(table("log_2023", ["message"]), table("log_2024", ["message", "agent"]), table("users", []));

test("a pattern's rule is that of each table that it matches, but for those with a rule of their own", () => {
  const { tables } = planMasking(
    contractOf('"log_*": { keep: [id], message: redact, agent: hash }\nlog_2023: truncate\nusers: keep'),
    LOGS,
  );
  assert.deepEqual(
    tables.map((own) => [own.table, own.rule, maskedColumns(own).map(({ column: name }) => name)]),
    [
      ["log_2023", "truncate", []],
      ["log_2024", "columns", ["message", "agent"]],
      ["users", "keep", []],
    ],
  );
});

test("a pattern that matches nothing is an unknown name, with the nearest; so is a column that no table of it has", () => {
  const names = (tables: string) => {
    const { unknownTables, unknownColumns } = checkMasking(contractOf(tables), LOGS);
    return { unknownTables, unknownColumns };
  };
  assert.deepEqual(names('"lgo_*": truncate\n"x_*": keep\n"*_2042": keep'), {
    unknownTables: [{ name: "lgo_*", nearest: "log_2023" }, { name: "x_*" }, { name: "*_2042", nearest: "log_2024" }],
    unknownColumns: [],
  });
  // An old table of a family may lack what a newer one has, and a misspelling is told once.
  assert.deepEqual(names('"log_*": { keep: [id], mesage: redact, agent: hash }').unknownColumns, [
    { table: "log_*", column: "mesage", nearest: "message" },
  ]);
});

test("two patterns for one table are refused, naming both", () => {
  const { code, message } = refusal('"log_*": keep\n"*_2024": truncate\nusers: keep', LOGS);
  assert.equal(code, "CONTRACT_PATTERNS_CLASH");
  assert.match(message, /^`log_2024` is matched by `log_\*` and `\*_2024`/);
});

test("the patch names a table of a family by itself, with what the pattern says of it and the rows that stay behind", () => {
  const { patch } = checkMasking(
    contractOf('"log_*": { keep: [id], message: hash, rows: { delete: id < 5 } }\nusers: keep'),
    LOGS,
  );
  assert.deepEqual(parse(patch), {
    log_2024: { keep: ["id"], message: "hash", agent: "redact", rows: { delete: "id < 5" } },
  });
});

const SHOP = schemaOf(
  table("companies", []),
  table("users", [], ["companies cascade", "users set null"]),
  table("notes", [], ["users cascade"]),
  table("invoices", [], ["companies"]),
  table("lines", [], ["invoices"]),
);
const REST = "users: keep\nnotes: keep\nlines: keep";
const rowsOf = (tables: string) =>
  planMasking(contractOf(tables), SHOP).tables.flatMap((own) => (own.rows ? [[own.table, own.rows]] : []));

test("children follow their parents or let go of them, to any depth; a child's own condition is held to its word", () => {
  const orphans = (parentTable: string, become: string) => ({
    ...{ columns: [`${parentTable}_id`], parentTable, parentColumns: ["id"], become },
  });
  const conditions = "companies: { keep: [id], rows: { delete: id = 2 } }";
  assert.deepEqual(
    rowsOf(`${conditions}\n${REST.replace("lines: keep", "lines: truncate")}
invoices: { keep: [id, companies_id], rows: { delete: companies_id = 2 } }`),
    [
      ["companies", { deleteRows: "id = 2", depth: 0, orphans: [] }],
      ["users", { depth: 1, orphans: [orphans("companies", "deleted"), orphans("users", "null")] }],
      ["notes", { depth: 2, orphans: [orphans("users", "deleted")] }],
      ["invoices", { deleteRows: "companies_id = 2", depth: 1, orphans: [orphans("companies", "refused")] }],
    ],
  );
});

for (const [what, invoices, refused] of [
  [
    "rows of nobody's",
    "keep",
    /^Rows of `companies` stay behind, but rows of `invoices` refer to it by the foreign key `invoices_companies`/,
  ],
  [
    "a child's own rows, which has children",
    "{ keep: [id, companies_id], rows: { delete: id = 1 } }",
    /but rows of `lines` refer to it/,
  ],
] as const) {
  test(`refused before a row changes: ${what}`, () => {
    const { code, message } = refusal(
      `companies: { keep: [id], rows: { delete: id = 2 } }\n${REST}\ninvoices: ${invoices}`,
      SHOP,
    );
    assert.equal(code, "MASK_ROWS_PARENT");
    assert.match(message, refused);
  });
}

test("a reference that masking empties keeps no row from staying behind", () => {
  const plan = rowsOf(
    `companies: { keep: [id], rows: { delete: id = 2 } }\n${REST}\ninvoices: { keep: [id], companies_id: null }`,
  );
  assert.ok(!plan.some(([name]) => name === "invoices"));
});
