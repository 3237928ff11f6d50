// The table that is masked: six columns of personal data, three secondary keys over them, four columns that are kept.
import type { WriteSession } from "../../contracts/platform.ts";
import type { MaskingContract } from "../../contracts/sync-contract.ts";

export const SOURCE = "bench_source";
export const COPY = "bench_copy";
export const LEDGER = "bench_ledger";
export const TABLE = "customers";
export const MASKED_COLUMNS = 6;
export const SECONDARY_KEYS = 3;

export const CONTRACT: MaskingContract = {
  key: "env:KEY",
  unlisted: "stop",
  tables: {
    [TABLE]: {
      kind: "columns",
      columns: {
        ...{ id: { name: "keep" }, country: { name: "keep" }, total: { name: "keep" }, created_at: { name: "keep" } },
        email: { name: "email" },
        name: { name: "name", locale: "en" },
        phone: { name: "phone" },
        address: { name: "address", locale: "en" },
        token: { name: "hash" },
        note: { name: "redact" },
      },
    },
  },
};

/** Of the table's columns and keys. */
export const DEFINITION = `id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(120) NOT NULL, name VARCHAR(120) NOT NULL, phone VARCHAR(40), address VARCHAR(255),
  token CHAR(64) CHARACTER SET ascii NOT NULL, note TEXT,
  country CHAR(2) NOT NULL, total DECIMAL(10, 2) NOT NULL, created_at DATETIME NOT NULL,
  UNIQUE KEY by_email (email), KEY by_name (name), KEY by_phone (phone)`;

/** Makes the rows where they are copied from; the server does it, so that the client holds none. */
export async function makeSource(session: WriteSession, rows: number): Promise<void> {
  const digits = Array.from({ length: String(rows - 1).length }, (_, i) => `d${i}`);
  const n = digits.map((digit, i) => `${digit}.n * ${10 ** i}`).join(" + ");
  await session.run(`CREATE DATABASE ${SOURCE} CHARACTER SET utf8mb4`);
  await session.run(`CREATE TABLE ${SOURCE}.${TABLE} (${DEFINITION}) ENGINE = InnoDB COLLATE utf8mb4_general_ci`);
  await session.run(`CREATE TABLE ${SOURCE}.digits (n INT PRIMARY KEY)`);
  await session.run(`INSERT INTO ${SOURCE}.digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)`);
  await session.run(
    `INSERT INTO ${SOURCE}.${TABLE}
     SELECT n + 1, CONCAT('user', n, '@mail', n % 97, '.test'), CONCAT('Given', n % 2900, ' Family', n * 7 % 39000),
       CONCAT('+44 20 ', LPAD(n * 7919 % 10000, 4, '0'), ' ', LPAD(n % 10000, 4, '0')),
       CONCAT(n % 900 + 1, ' Long Street Name, Building ', n % 77, ', Springfield'), SHA2(n, 256),
       CONCAT('Called on day ', n % 365, ' about order ', n * 3, REPEAT('.', n % 40)),
       ELT(n % 4 + 1, 'GB', 'JP', 'DE', 'FR'), n % 100000 / 7, '2026-01-01' + INTERVAL n % 300 DAY
     FROM (SELECT ${n} AS n FROM ${digits.map((digit) => `${SOURCE}.digits ${digit}`).join(" JOIN ")}
           HAVING n < ${rows} ORDER BY n) numbers`,
  );
}

/** A copy as it was loaded: the same table and rows. The INSERT is the floor that the bench prints. */
export async function makeCopy(session: WriteSession): Promise<void> {
  for (const database of [COPY, LEDGER]) await session.run(`DROP DATABASE IF EXISTS ${database}`);
  await session.run(`CREATE DATABASE ${COPY} CHARACTER SET utf8mb4`);
  await session.run(`CREATE TABLE ${COPY}.${TABLE} LIKE ${SOURCE}.${TABLE}`);
}

export async function fillCopy(session: WriteSession): Promise<void> {
  await session.run(`INSERT INTO ${COPY}.${TABLE} SELECT * FROM ${SOURCE}.${TABLE}`);
}
