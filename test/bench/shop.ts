// The shop that a whole sync is measured with: eight tables, wide rows, keys everywhere, six masked columns in the largest.
import type { Connection } from "mysql2/promise";
import { DEFINITION } from "./customers.ts";

/** Share of all rows, and columns; `n` counts from 0 in `columns`' values. */
interface BenchTable {
  readonly name: string;
  readonly share: number;
  readonly definition: string;
  readonly columns: string;
  /** SQL for a row's values; `$table` is how many rows that table has. */
  readonly values: string;
}

const ID = "id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY";
const reference = (name: string, table: string) =>
  `${name} BIGINT UNSIGNED NOT NULL, KEY (${name}), FOREIGN KEY (${name}) REFERENCES ${table} (id)`;

export const TABLES: readonly BenchTable[] = [
  {
    name: "companies",
    share: 0.005,
    definition: `${ID}, name VARCHAR(80) NOT NULL, is_demo TINYINT NOT NULL, UNIQUE KEY (name)`,
    columns: "name, is_demo",
    values: "CONCAT('Company ', n), 0",
  },
  {
    name: "products",
    share: 0.02,
    definition: `${ID}, sku CHAR(12) NOT NULL, title VARCHAR(200) NOT NULL, price DECIMAL(10, 2) NOT NULL, UNIQUE KEY (sku), KEY (title)`,
    columns: "sku, title, price",
    values: "LPAD(n, 12, 'P'), CONCAT('Product ', n, REPEAT(' fine', n % 20)), n % 5000 / 7",
  },
  {
    name: "customers",
    share: 0.4,
    definition: `${DEFINITION}, ${reference("company_id", "companies")}`,
    columns: "email, name, phone, address, token, note, country, total, created_at, company_id",
    values: `CONCAT('user', n, '@mail', n % 97, '.test'), CONCAT('Given', n % 2900, ' Family', n * 7 % 39000),
      CONCAT('+44 20 ', LPAD(n * 7919 % 10000, 4, '0'), ' ', LPAD(n % 10000, 4, '0')),
      CONCAT(n % 900 + 1, ' Long Street Name, Building ', n % 77, ', Springfield'), SHA2(n, 256),
      CONCAT('Called on day ', n % 365, ' about order ', n * 3, REPEAT('.', n % 40)),
      ELT(n % 4 + 1, 'GB', 'JP', 'DE', 'FR'), n % 100000 / 7, '2026-01-01' + INTERVAL n % 300 DAY, n % $companies + 1`,
  },
  {
    name: "orders",
    share: 0.2,
    definition: `${ID}, ${reference("customer_id", "customers")}, reference CHAR(20) NOT NULL, comment VARCHAR(255), placed_at DATETIME NOT NULL,
      UNIQUE KEY (reference), KEY (placed_at)`,
    columns: "customer_id, reference, comment, placed_at",
    values: `n % $customers + 1, LPAD(n, 20, 'ORD-'), CONCAT('Leave it with neighbour ', n), '2026-01-01' + INTERVAL n SECOND`,
  },
  {
    name: "order_items",
    share: 0.2,
    definition: `${ID}, ${reference("order_id", "orders")}, ${reference("product_id", "products")}, quantity INT NOT NULL, price DECIMAL(10, 2) NOT NULL`,
    columns: "order_id, product_id, quantity, price",
    values: "n % $orders + 1, n * 7 % $products + 1, n % 9 + 1, n % 700 / 3",
  },
  {
    name: "payments",
    share: 0.1,
    definition: `${ID}, ${reference("order_id", "orders")}, holder VARCHAR(120) NOT NULL, amount DECIMAL(10, 2) NOT NULL, paid_at DATETIME NOT NULL, KEY (paid_at)`,
    columns: "order_id, holder, amount, paid_at",
    values:
      "n % $orders + 1, CONCAT('Given', n % 2900, ' Family', n * 7 % 39000), n % 900, '2026-02-01' + INTERVAL n SECOND",
  },
  {
    name: "addresses",
    share: 0.05,
    definition: `${ID}, ${reference("customer_id", "customers")}, line VARCHAR(160) NOT NULL, city VARCHAR(80) NOT NULL, KEY (city)`,
    columns: "customer_id, line, city",
    values: "n % $customers + 1, CONCAT(n % 700 + 1, ' Other Road, Flat ', n), CONCAT('Town', n % 3000)",
  },
  {
    name: "logins",
    share: 0.025,
    definition: `${ID}, ${reference("customer_id", "customers")}, ip VARCHAR(45) NOT NULL, at DATETIME NOT NULL, KEY (at)`,
    columns: "customer_id, ip, at",
    values: "n % $customers + 1, CONCAT('81.2.', n % 250, '.', n % 199), '2026-03-01' + INTERVAL n SECOND",
  },
];

/** The rules of masking.tables: every name of a person, every way to reach one. */
export const MASKING = `
    companies: keep
    products: keep
    customers:
      keep: [id, country, total, created_at, company_id]
      email: email
      name: name
      phone: phone
      address: address
      token: hash
      note: redact
    orders: { keep: [id, customer_id, reference, placed_at], comment: redact }
    order_items: keep
    payments: { keep: [id, order_id, amount, paid_at], holder: name }
    addresses: { keep: [id, customer_id], line: address, city: city }
    logins: { keep: [id, customer_id, at], ip: ip }`;

/** Rows of the demo company that only staging has. */
export const DEMO_ROWS = 100;

export async function createTables(connection: Connection): Promise<void> {
  for (const { name, definition } of TABLES) {
    await connection.query(
      `CREATE TABLE ${name} (${definition}) ENGINE = InnoDB CHARSET utf8mb4 COLLATE utf8mb4_general_ci`,
    );
  }
}

/** The server makes the rows, so that the client holds none. */
export async function fillTables(connection: Connection, rows: number): Promise<void> {
  const counts = Object.fromEntries(TABLES.map(({ name, share }) => [name, Math.max(1, Math.round(rows * share))]));
  const digits = Array.from({ length: String(rows).length }, (_, i) => `d${i}`);
  const number = digits.map((digit, i) => `${digit}.n * ${10 ** i}`).join(" + ");
  const ten =
    "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
  const from = digits.map((digit) => `${ten} ${digit}`).join(" JOIN ");
  for (const { name, columns, values } of TABLES) {
    const sql = values.replaceAll(/\$(\w+)/g, (_, table: string) => String(counts[table]));
    await connection.query(
      `INSERT INTO ${name} (${columns}) SELECT ${sql} FROM (SELECT ${number} AS n FROM ${from} HAVING n < ${counts[name]} ORDER BY n) numbers`,
    );
  }
}

/** A company that sales shows around, with customers, as staging keeps one. */
export async function addDemo(connection: Connection): Promise<void> {
  await connection.query("INSERT INTO companies (name, is_demo) VALUES ('Demo', 1)");
  await connection.query(
    `INSERT INTO customers (email, name, token, country, total, created_at, company_id)
     SELECT CONCAT('demo', id, '@example.com'), 'Demo Person', SHA2(-id, 256), 'GB', 1, NOW(), (SELECT MAX(id) FROM companies)
     FROM (SELECT id FROM customers ORDER BY id LIMIT ${DEMO_ROWS - 1}) some`,
  );
}
