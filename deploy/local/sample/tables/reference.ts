// The tables that are alike in production and staging: countries, rates, the catalogue. They do not grow with the rows.
import { rowRandom } from "../random.ts";
import type { TableRows, Value } from "../rows.ts";
import { twoDigits } from "../shop.ts";
import { BITING_TEXTS } from "../words.ts";

export const COUNTRY_CODES: readonly [string, ...string[]] = [
  "JP",
  "DE",
  "GB",
  "CZ",
  "IT",
  "SE",
  "US",
  "BR",
  "NG",
  "VN",
  "CI",
];
const COUNTRIES: readonly (readonly Value[])[] = [
  ["JP", "Japan", "日本", "Asia"],
  ["DE", "Germany", "ドイツ", "Europe"],
  ["GB", "United Kingdom", "イギリス", "Europe"],
  ["CZ", "Czechia", "チェコ", "Europe"],
  ["IT", "Italy", "イタリア", "Europe"],
  ["SE", "Sweden", "スウェーデン", "Europe"],
  ["US", "United States", "アメリカ合衆国", "Americas"],
  ["BR", "Brazil", "ブラジル", "Americas"],
  ["NG", "Nigeria", "ナイジェリア", "Africa"],
  ["VN", "Việt Nam", "ベトナム", "Asia"],
  ["CI", "Côte d'Ivoire", "コートジボワール", "Africa"],
];

export const PRODUCT_COUNT = 300;

/** The key of a product, from 1 to `PRODUCT_COUNT`. */
export function sku(number: number): string {
  return `SKU-${String(number).padStart(5, "0")}`;
}

/** What a product costs, as DECIMAL text. */
export function price(number: number): string {
  return (((number * 7919) % 100_000) / 100 + 0.01).toFixed(2);
}

const PRODUCT_NAMES: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ["Loom", "織機"],
  ["Olive oil, 5 l", "オリーブオイル"],
  ['Gasket 3/4"', "ガスケット"],
  ["Star candy ⭐", "金平糖"],
  ["Joiner's bench", "作業台"],
];

/** Every reference table's rows; the same whatever the seed, so that orders in staging and production name the same products. */
export const REFERENCE_TABLES: readonly TableRows[] = [
  list("countries", ["code", "name", "name_ja", "continent"], COUNTRIES),
  list(
    "groups",
    ["key", "order", "desc"],
    [
      ["select", 1, "A reserved word as a value"],
      ["from`where", 2, "A back quote"],
    ],
  ),
  list(
    "categories",
    ["id", "parent_id", "name"],
    [
      [1, null, "Everything"],
      [2, 1, "Food & drink"],
      [3, 1, "工具"],
      [4, 3, "Looms"],
    ],
  ),
  {
    table: "exchange_rates",
    columns: ["currency", "quoted_on", "rate"],
    count: 90,
    rows: (index) => [
      [
        ["JPY", "EUR", "CZK"].at(index % 3) ?? "JPY",
        `2026-${twoDigits(1 + (index % 9))}-${twoDigits(1 + Math.floor(index / 9))}`,
        `${index}.00000000000${index % 10}`,
      ],
    ],
  },
  {
    table: "products",
    columns: [
      "sku",
      "category_id",
      "name",
      "name_ja",
      "description",
      "price",
      "weight_kg",
      "attributes",
      "labels",
      "thumbnail",
    ],
    count: PRODUCT_COUNT,
    rows: product,
  },
];

function product(number: number): Value[][] {
  const random = rowRandom(0, 0, number); // no seed: the catalogue is the same everywhere
  const [name, nameJa] = random.pick(PRODUCT_NAMES);
  const attributes = {
    colour: random.pick(["red", "緑", "bleu"]),
    quote: "\"'\\",
    stock: random.below(1000),
    sizes: [1, 2.5, null],
  };
  return [
    [
      sku(number),
      2 + (number % 3),
      `${name} No. ${number}`,
      nameJa,
      // In turn, so that the catalogue is sure to have each.
      BITING_TEXTS[number % BITING_TEXTS.length] ?? "",
      price(number),
      random.below(100_000) / 1000 + 1e-7,
      random.oneIn(10) ? null : JSON.stringify(attributes),
      random.pick(["", "new", "new,sale", "fragile", "fragile,frozen"]),
      random.oneIn(4) ? null : { hex: `00ff5c270a0d1a3b${random.hex(64)}` },
    ],
  ];
}

function list(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): TableRows {
  return { table, columns, count: rows.length, rows: (index) => [rows[index - 1] ?? []] };
}
