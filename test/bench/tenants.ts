// Twenty tables that hang on the first one, as tenants' data does; staging's every other tenant is a demo.
import type { WriteSession } from "../../contracts/platform.ts";

export const STAGING = "bench_staging";
export const COPY = "bench_preserve_copy";
export const WORK = "bench_work";
export const TABLES = 20;
/** Rows of the copy for each preserved one. */
export const COPY_FOLD = 10;
export const RULE = { table: "tenants", where: "is_demo = 1" };

/** Every table but `tenants` refers to another; those with even numbers to their tenant too, so two paths lead to their rows. */
interface TenantTable {
  readonly name: string;
  readonly parent: string | undefined;
  readonly hasTenant: boolean;
}

const SHAPE: readonly TenantTable[] = Array.from({ length: TABLES }, (_, i) => ({
  name: nameOf(i),
  parent: i === 0 ? undefined : nameOf(Math.floor((i - 1) / 4)),
  hasTenant: i > 4 && i % 2 === 0,
}));

function nameOf(i: number): string {
  return i === 0 ? "tenants" : `table_${i}`;
}

/** Rows to preserve of each table: a tenant for a thousand, the others alike. */
export function sizesOf(rows: number): ReadonlyMap<string, number> {
  const tenants = Math.max(1, Math.round(rows / 1000));
  const each = Math.floor((rows - tenants) / (TABLES - 1));
  const rest = rows - tenants - each * (TABLES - 1);
  return new Map(SHAPE.map(({ name }, i) => [name, i === 0 ? tenants : i === 1 ? each + rest : each]));
}

/** Makes staging: as many rows that stay behind as are preserved. The server makes them; the client holds none. */
export async function makeStaging(session: WriteSession, rows: number): Promise<void> {
  await makeTables(session, STAGING);
  const sizes = sizesOf(rows);
  for (const table of SHAPE) await fill(session, STAGING, table, sizes, 2);
}

/** Makes a copy anew; its ids begin where staging's do, so that every one of these clashes. */
export async function makeCopy(session: WriteSession, rows: number): Promise<void> {
  await session.run(`DROP DATABASE IF EXISTS ${WORK}`);
  await makeTables(session, COPY);
  const sizes = sizesOf(rows);
  for (const table of SHAPE) await fill(session, COPY, table, sizes, COPY_FOLD);
}

/**
 * The same rows by one statement a table, past every id.
 *
 * @param checks whether the server looks references up, as it does unless it is told not to
 */
export async function insertPlainly(session: WriteSession, checks: "checked" | "unchecked"): Promise<void> {
  const past = 1_000_000_000;
  await session.run(`SET SESSION foreign_key_checks = ${checks === "checked" ? 1 : 0}`);
  for (const { name, parent, hasTenant } of SHAPE) {
    const references = [...(parent ? ["parent_id"] : []), ...(hasTenant ? ["tenant_id"] : [])];
    const columns = parent
      ? ["email", "note", "total", "changed_at"]
      : ["email", "note", "total", "changed_at", "is_demo"];
    const moved = ["id", ...references];
    // Odd ids are the demos': there are as many others between them.
    await session.run(
      `INSERT INTO ${COPY}.${name} (${[...moved, ...columns].join(", ")})
       SELECT ${[...moved.map((column) => `${column} + ${past}`), ...columns].join(", ")} FROM ${STAGING}.${name} WHERE id % 2 = 1`,
    );
  }
  await session.run("SET SESSION foreign_key_checks = 1");
}

async function makeTables(session: WriteSession, database: string): Promise<void> {
  await session.run(`DROP DATABASE IF EXISTS ${database}`);
  await session.run(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  await session.run(`CREATE TABLE ${database}.digits (n INT PRIMARY KEY)`);
  await session.run(`INSERT INTO ${database}.digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)`);
  for (const { name, parent, hasTenant } of SHAPE) {
    const own = parent
      ? `parent_id INT UNSIGNED NOT NULL, FOREIGN KEY (parent_id) REFERENCES ${database}.${parent} (id)`
      : "is_demo TINYINT NOT NULL";
    const tenant = hasTenant
      ? `, tenant_id INT UNSIGNED NOT NULL, FOREIGN KEY (tenant_id) REFERENCES ${database}.tenants (id)`
      : "";
    await session.run(
      `CREATE TABLE ${database}.${name} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, ${own}${tenant},
         email VARCHAR(120) NOT NULL, note TEXT, total DECIMAL(10, 2) NOT NULL,
         changed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
         UNIQUE KEY by_email (email), KEY by_change (changed_at)) ENGINE=InnoDB COLLATE utf8mb4_general_ci`,
    );
  }
}

/** Rows `n` from 0, with id `n + 1`; in staging even ones are the demos', and refer to the demos' alone. */
async function fill(
  session: WriteSession,
  database: string,
  { name, parent, hasTenant }: TenantTable,
  sizes: ReadonlyMap<string, number>,
  fold: number,
): Promise<void> {
  const rows = (sizes.get(name) ?? 0) * fold;
  const places = Array.from({ length: String(rows).length }, (_, i) => `d${i}`);
  const n = places.map((place, i) => `${place}.n * ${10 ** i}`).join(" + ");
  const leads = (to: string) => `1 + 2 * (FLOOR(n / 2) % ${((sizes.get(to) ?? 0) * fold) / 2}) + n % 2`;
  const isDemo = database === STAGING ? "n % 2 = 0" : "0";
  const columns = [
    ["id", "n + 1"],
    ...(parent ? [["parent_id", leads(parent)]] : [["is_demo", isDemo]]),
    ...(hasTenant ? [["tenant_id", leads("tenants")]] : []),
    ["email", `CONCAT('${database}', n, '@mail', n % 97, '.test')`],
    ["note", "CONCAT('Called on day ', n % 365, ' about order ', n * 3, REPEAT('.', n % 40))"],
    ["total", "n % 100000 / 7"],
    ["changed_at", "'2026-01-01' + INTERVAL n % 300 DAY"],
  ];
  await session.run(
    `INSERT INTO ${database}.${name} (${columns.map(([column]) => column).join(", ")})
     SELECT ${columns.map(([, value]) => value).join(", ")}
     FROM (SELECT ${n} AS n FROM ${places.map((place) => `${database}.digits ${place}`).join(" JOIN ")}
           HAVING n < ${rows} ORDER BY n) numbers`,
  );
}
