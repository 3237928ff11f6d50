// A shop with every kind of key and reference: staging has demo companies whose ids production has taken.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { servers, type TestServer } from "../../support/servers.ts";
import { openWorld, rowsOf, type World } from "./world.ts";

/** A question mark in a comment is no placeholder, and a comment at the end hides nothing. */
export const DEMO = [{ table: "companies", where: "is_demo = 1 -- is it?" }];

/** Runs on MySQL 5.6 to 9.7 and MariaDB. */
const SHOP = `
CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(50) NOT NULL);
CREATE TABLE companies (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, slug VARCHAR(50) NOT NULL UNIQUE, is_demo TINYINT NOT NULL DEFAULT 0,
  country CHAR(2) NOT NULL, primary_project_id INT UNSIGNED NULL, KEY (primary_project_id),
  FOREIGN KEY (country) REFERENCES countries (code));
CREATE TABLE projects (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, company_id INT UNSIGNED NOT NULL, name VARCHAR(50) NOT NULL,
  FOREIGN KEY (company_id) REFERENCES companies (id));
ALTER TABLE companies ADD FOREIGN KEY (primary_project_id) REFERENCES projects (id);
CREATE TABLE users (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, company_id INT UNSIGNED NOT NULL, manager_id BIGINT UNSIGNED NULL,
  email VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL UNIQUE, nick VARCHAR(50) NULL UNIQUE,
  changed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, born DATE NOT NULL,
  UNIQUE KEY (company_id, id),
  FOREIGN KEY (company_id) REFERENCES companies (id), FOREIGN KEY (manager_id) REFERENCES users (id));
CREATE TABLE members (
  project_id INT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED NOT NULL, role ENUM('owner', 'guest') NOT NULL,
  PRIMARY KEY (project_id, user_id),
  FOREIGN KEY (project_id) REFERENCES projects (id), FOREIGN KEY (user_id) REFERENCES users (id));
CREATE TABLE products (id SMALLINT AUTO_INCREMENT PRIMARY KEY, sku VARCHAR(20) NOT NULL UNIQUE, price DECIMAL(10,2));
CREATE TABLE orders (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, company_id INT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED NOT NULL,
  total DECIMAL(20,4) NOT NULL, placed_at DATETIME(6) NOT NULL,
  FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id));
CREATE TABLE order_items (
  order_id BIGINT NOT NULL, line TINYINT NOT NULL, product_id SMALLINT NOT NULL, PRIMARY KEY (order_id, line),
  FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (product_id) REFERENCES products (id));
CREATE TABLE refunds (
  id INT AUTO_INCREMENT PRIMARY KEY, order_id BIGINT NOT NULL, line TINYINT NOT NULL, reason TEXT,
  FOREIGN KEY (order_id, line) REFERENCES order_items (order_id, line));
CREATE TABLE invoices (order_id BIGINT PRIMARY KEY, pdf BLOB, FOREIGN KEY (order_id) REFERENCES orders (id));
CREATE TABLE log (company_id INT UNSIGNED NULL, what VARCHAR(50), FOREIGN KEY (company_id) REFERENCES companies (id));
`;

const PRODUCTION_ROWS = `
INSERT INTO countries VALUES ('de', 'Germany'), ('jp', 'Japan');
INSERT INTO companies VALUES (1, 'acme', 0, 'de', 1), (2, 'umbrella', 0, 'jp', NULL);
INSERT INTO projects VALUES (1, 1, 'rocket'), (2, 2, 'cure');
INSERT INTO users VALUES
  (1, 1, NULL, 'ann@masked', 'a', '2020-01-01 00:00:00', '1990-01-01'), (2, 1, 1, 'bob@masked', NULL, '2020-01-01 00:00:00', '1991-01-01'),
  (3, 2, NULL, 'eve@masked', NULL, '2020-01-01 00:00:00', '1992-01-01');
INSERT INTO members VALUES (1, 1, 'owner'), (1, 2, 'guest');
INSERT INTO products VALUES (1, 'nail', 0.10), (2, 'screw', 0.20);
INSERT INTO orders VALUES (1, 1, 1, 5.5, '2020-02-02 00:00:00');
INSERT INTO order_items VALUES (1, 1, 1), (1, 2, 2);
INSERT INTO refunds VALUES (1, 1, 2, 'bent');
INSERT INTO invoices VALUES (1, 'pdf');
INSERT INTO log VALUES (1, 'signed up'), (NULL, 'started');
`;

/** Demo companies 1 and 9; company 2 is an old copy of production's and stays behind. */
const STAGING_ROWS = `
INSERT INTO countries VALUES ('de', 'Germany'), ('jp', 'Japan');
INSERT INTO companies VALUES (1, 'demo-one', 1, 'de', 2), (9, 'demo-nine', 1, 'jp', 77), (2, 'umbrella', 0, 'jp', 3);
INSERT INTO projects VALUES (1, 1, 'first'), (2, 1, 'second 山田 😀'), (77, 9, 'ninth'), (3, 2, 'cure');
INSERT INTO users VALUES
  (1, 1, 2, 'Boss@demo', NULL, '2021-05-05 05:05:05', '0000-00-00'), (2, 1, 2, 'self@demo', NULL, '2021-05-05 05:05:05', '2001-02-31'),
  (18446744073709551000, 9, NULL, 'far@demo', 'nick', '2021-05-05 05:05:05', '1999-01-01'),
  (3, 2, NULL, 'eve@masked', NULL, '2020-01-01 00:00:00', '1992-01-01');
INSERT INTO members VALUES (1, 1, 'owner'), (2, 1, 'guest'), (2, 2, 'owner'), (77, 18446744073709551000, 'owner');
INSERT INTO products VALUES (1, 'nail', 0.10), (2, 'screw', 0.20);
INSERT INTO orders VALUES (1, 1, 1, 1234567890123456.7891, '2021-06-06 06:06:06'), (0, 9, 18446744073709551000, 0, '0000-00-00 00:00:00');
INSERT INTO order_items VALUES (1, 1, 2), (1, 2, 1), (0, 1, 1);
INSERT INTO refunds VALUES (1, 1, 1, 'it''s; USE \`x\`'), (5, 0, 1, NULL);
INSERT INTO invoices VALUES (1, X'00FF27'), (0, NULL);
INSERT INTO log VALUES (1, 'same'), (1, 'same'), (9, 'same'), (9, NULL), (2, 'other'), (NULL, 'other');
`;

/** The demo companies told without ids: equal on two sides when the rows and all their references are. */
const STORY = [
  `SELECT c.slug, c.country, p.name FROM companies c LEFT JOIN projects p ON p.id = c.primary_project_id WHERE c.is_demo = 1 ORDER BY 1`,
  `SELECT c.slug, p.name FROM projects p JOIN companies c ON c.id = p.company_id WHERE c.is_demo = 1 ORDER BY 1, 2`,
  `SELECT u.email, u.nick, CAST(u.changed_at AS CHAR), CAST(u.born AS CHAR), m.email, c.slug FROM users u JOIN companies c ON c.id = u.company_id
   LEFT JOIN users m ON m.id = u.manager_id WHERE c.is_demo = 1 ORDER BY 1`,
  `SELECT p.name, u.email, m.role FROM members m JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id
   JOIN companies c ON c.id = p.company_id WHERE c.is_demo = 1 ORDER BY 1, 2`,
  `SELECT u.email, o.total, CAST(o.placed_at AS CHAR), c.slug, i.line, p.sku, r.reason, HEX(v.pdf), v.order_id IS NULL FROM orders o
   JOIN users u ON u.id = o.user_id JOIN companies c ON c.id = o.company_id LEFT JOIN order_items i ON i.order_id = o.id
   LEFT JOIN products p ON p.id = i.product_id LEFT JOIN refunds r ON r.order_id = i.order_id AND r.line = i.line
   LEFT JOIN invoices v ON v.order_id = o.id WHERE c.is_demo = 1 ORDER BY 1, 5`,
  `SELECT c.slug, l.what FROM log l JOIN companies c ON c.id = l.company_id WHERE c.is_demo = 1 ORDER BY 1, 2`,
];

/** Production's rows of every table by their first columns, which no demo row has. */
const OWN = [
  "SELECT * FROM countries ORDER BY 1",
  "SELECT * FROM companies WHERE is_demo = 0 ORDER BY 1",
  ...["projects", "users"].map(
    (table) => `SELECT t.* FROM ${table} t JOIN companies c ON c.id = t.company_id WHERE c.is_demo = 0 ORDER BY 1`,
  ),
  "SELECT m.* FROM members m JOIN projects p ON p.id = m.project_id JOIN companies c ON c.id = p.company_id WHERE c.is_demo = 0 ORDER BY 1, 2",
  "SELECT * FROM products ORDER BY 1",
  "SELECT * FROM orders WHERE id = 1",
  ...["order_items", "invoices", "refunds"].map((table) => `SELECT * FROM ${table} WHERE order_id = 1 ORDER BY 1, 2`),
  "SELECT l.* FROM log l LEFT JOIN companies c ON c.id = l.company_id WHERE c.id IS NULL OR c.is_demo = 0 ORDER BY 1, 2",
];

/** Staging and copy on each server, and the first server's staging with each other server's copy. */
export function pairs(): { readonly staging: TestServer; readonly copy: TestServer }[] {
  const [first] = servers();
  return servers().flatMap((copy, i) => [
    { staging: copy, copy },
    ...(first && i > 0 ? [{ staging: first, copy }] : []),
  ]);
}

export function openShop(
  t: TestContext,
  pair: { readonly staging: TestServer; readonly copy: TestServer },
  more: { readonly staging?: string; readonly copy?: string } = {},
): Promise<World> {
  return openWorld(t, pair, {
    staging: SHOP + STAGING_ROWS + (more.staging ?? ""),
    copy: SHOP + PRODUCTION_ROWS + (more.copy ?? ""),
  });
}

/** Production's own rows in the copy. */
export async function ownRows({ copy }: World): Promise<unknown[]> {
  const rows = [];
  for (const sql of OWN) rows.push(await rowsOf(copy, sql));
  return rows;
}

export async function assertSameStory({ copy, staging }: World): Promise<void> {
  for (const sql of STORY) assert.deepEqual(await rowsOf(copy, sql), await rowsOf(staging, sql), sql);
}
