// Which table a column's name, or a type's, means: English in the singular and the plural, with and without more words.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column, ForeignKey, Schema } from "../../../../handlers/mysql/schema.ts";
import { valuesInDocument } from "../../../../handlers/preserving/proposals/documents.ts";
import { namedParents, tablesOfType } from "../../../../handlers/preserving/proposals/named-parents.ts";
import { wordsOf } from "../../../../handlers/preserving/proposals/words.ts";

function column(name: string): Column {
  return {
    ...{ name, dataType: "int", columnType: "int", nullable: true, maxCharacters: null, maxBytes: null },
    ...{ characterSet: null, collation: null, generated: false, autoIncrement: false, onUpdateNow: false },
    ...{ default: null, comment: "" },
  };
}

/** Tables with a primary key `id`, or that of `name: key`, and a unique key of one column each after it. */
function schemaOf(tables: readonly string[], foreignKeys: readonly ForeignKey[] = []): Schema {
  const parsed = tables.map((written) => {
    const [name = "", ...keys] = written.split(" ");
    const names = keys.length > 0 ? keys : ["id"];
    return {
      ...{ name, engine: "InnoDB", estimatedRows: 1, columns: names.map(column) },
      keys: names.map((key, i) => ({
        ...{ name: i === 0 ? "PRIMARY" : key, unique: true },
        parts: [{ column: key, prefix: null }],
      })),
      foreignKeys: foreignKeys.filter(({ table }) => table === name),
    };
  });
  return { database: "shop", views: [], tables: new Map(parsed.map((table) => [table.name, table])) };
}

const told = (found: ReturnType<typeof namedParents>) =>
  found.map((parent) => `${parent.table}.${parent.column.name}`).join();

test("a column's name tells the table that it refers to", () => {
  const tables = [
    ...["companies", "users", "people", "addresses", "statuses", "movies", "shelves", "boxes", "order_items", "data"],
    ...[
      "countries code",
      "products id sku",
      "legacy_customers customer_id",
      "wp_posts",
      "a_tags",
      "b_tags",
      "Invoice id",
    ],
  ];
  for (const [name, expected] of [
    ["company_id", "companies.id"],
    ["companyId", "companies.id"],
    ["CompanyID", "companies.id"],
    ["parent_company_id", "companies.id"],
    ["created_by_user_id", "users.id"],
    ["person_id", "people.id"],
    ["shipping_address_id", "addresses.id"],
    ["status_id", "statuses.id"],
    ["movie_id", "movies.id"],
    ["shelf_id", "shelves.id"],
    ["box_id", "boxes.id"],
    ["order_item_id", "order_items.id"],
    ["orderitem_id", "order_items.id"],
    ["invoice_id", "Invoice.id"],
    ["country_code", "countries.code"],
    ["country_id", "countries.code"],
    ["product_sku", "products.sku"],
    ["customer_id", "legacy_customers.customer_id"],
    ["post_id", "wp_posts.id"],
    ["owner_id", "users.id"],
    ["created_by", "users.id"],
    ["parent_id", "log.id"],
    ["companies_id", "companies.id"],
    ["tag_id", ""],
    ["external_id", ""],
    ["id", ""],
    ["company", ""],
    ["parent", ""],
    ["standby", ""],
  ] as const) {
    assert.equal(told(namedParents(wordsOf(name), "log", schemaOf([...tables, "log"]))), expected, name);
  }
});

test("a foreign key of the same name tells the table where no table is called so", () => {
  const foreignKey = { name: "fk", table: "a", columns: ["holder_id"], parentTable: "firms", parentColumns: ["id"] };
  assert.equal(told(namedParents(["holder", "id"], "b", schemaOf(["a", "b", "firms"], [foreignKey]))), "firms.id");
});

test("a type's name tells its table", () => {
  const schema = schemaOf(["companies", "shop_orders", "orders", "people", "countries code"]);
  for (const [type, expected] of [
    ["Company", "companies.id"],
    ["App\\Models\\Company", "companies.id"],
    ["companies", "companies.id"],
    ["Shop::Order", "shop_orders.id"],
    ["com.example.Order", "orders.id"],
    ["Person", "people.id"],
    ["Country", "countries.code"],
    ["Invoice", ""],
    ["", ""],
  ] as const) {
    assert.equal(told(tablesOfType(type, schema)), expected, type);
  }
});

test("values inside a document are called by their names, and an id by what it is in", () => {
  const document = {
    ...{ company_id: 7, by: { user: { id: "8", name: "x" } }, user_ids: [1, 2], deep: [{ orderId: 3 }] },
    ...{ "a b": { id: 4 }, 'no"path': { user_id: 5 }, 12: { user_id: 6 }, user: null, ratio_id: 0.5 },
  };
  const found = valuesInDocument(JSON.stringify(document)).map(({ path, words, value }) => [
    path,
    words.join("_"),
    value,
  ]);
  assert.deepEqual(found, [
    ["$.company_id", "company_id", 7],
    ["$.by.user.id", "user_id", "8"],
    ["$.user_ids[*]", "user_id", 1],
    ["$.user_ids[*]", "user_id", 2],
    ["$.deep[*].orderId", "order_id", 3],
    ['$."a b".id', "a_b_id", 4],
  ]);
  assert.deepEqual(valuesInDocument("{ not json"), []);
});
