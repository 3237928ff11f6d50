// Everything that the sample's staging shows of its demo companies, told without the ids that a sync may change.
import type { Query } from "./sample-servers.ts";

/** For each table: who its rows `t` belong to and refer to, by what a person sees of these. */
const TABLES: Readonly<Record<string, { readonly from: string; readonly tells: string }>> = {
  companies: { from: "companies t LEFT JOIN projects p ON p.id = t.primary_project_id", tells: "t.is_demo, p.slug" },
  users: {
    from: "users t JOIN companies c ON c.id = t.company_id LEFT JOIN users m ON m.id = t.manager_id",
    tells: "c.is_demo, c.name, m.email",
  },
  addresses: ofUser("addresses"),
  password_resets: ofUser("password_resets"),
  api_tokens: ofUser("api_tokens"),
  sessions: ofUser("sessions"),
  projects: {
    from: "projects t JOIN companies c ON c.id = t.company_id LEFT JOIN users u ON u.id = t.lead_user_id",
    tells: "c.is_demo, c.name, u.email",
  },
  project_members: ofProject("project_members", "u.id = t.user_id"),
  comments: {
    from: `${ofProject("comments", "u.id = t.user_id").from} LEFT JOIN comments b ON b.id = t.parent_id`,
    tells: "c.is_demo, c.name, p.slug, u.email, b.body, b.created_at",
  },
  files: ofProject("files", "u.id = t.uploader_id"),
  orders: {
    from: "orders t JOIN companies c ON c.id = t.company_id JOIN users u ON u.id = t.user_id",
    tells: "c.is_demo, c.name, u.email",
  },
  order_items: ofOrder("order_items"),
  shipments: ofOrder("shipments"),
  invoices: ofOrder("invoices"),
  audit_logs: {
    from: "audit_logs t JOIN companies c ON c.id = t.company_id LEFT JOIN users u ON u.id = t.user_id",
    tells: "c.is_demo, c.name, u.email",
  },
};

function ofUser(table: string) {
  return {
    from: `${table} t JOIN users u ON u.id = t.user_id JOIN companies c ON c.id = u.company_id`,
    tells: "c.is_demo, u.email",
  };
}

function ofProject(table: string, isUser: string) {
  return {
    from: `${table} t JOIN projects p ON p.id = t.project_id JOIN companies c ON c.id = p.company_id LEFT JOIN users u ON ${isUser}`,
    tells: "c.is_demo, c.name, p.slug, u.email",
  };
}

function ofOrder(table: string) {
  return {
    from: `${table} t JOIN orders o ON o.id = t.order_id JOIN companies c ON c.id = o.company_id`,
    tells: "c.is_demo, c.name, o.number",
  };
}

/** By table: each demo row as text, in an order that does not depend on ids. */
export async function demoStory({ query }: { readonly query: Query }): Promise<Record<string, string[]>> {
  const story: Record<string, string[]> = {};
  for (const [table, { from, tells }] of Object.entries(TABLES)) {
    const told = tells.split(", ").map((column, i) => `${column} AS told_${i}`);
    const rows = await query("staging", `SELECT t.*, ${told.join(", ")} FROM ${inStaging(from)}`);
    story[table] = rows
      .filter((row) => row["told_0"] === 1)
      .map((row) => JSON.stringify(Object.entries(row).filter(([name]) => !/(^|_)id$/.test(name))))
      .toSorted();
  }
  return story;
}

/** By table: the ids of its demo rows, as text. */
export async function demoIds({ query }: { readonly query: Query }): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = {};
  for (const [table, { from }] of Object.entries(TABLES)) {
    const isDemo = table === "companies" ? "t.is_demo" : "c.is_demo";
    const rows = await query("staging", `SELECT t.* FROM ${inStaging(from)} WHERE ${isDemo} = 1`);
    ids[table] = rows.flatMap(({ id }) => (id === undefined ? [] : [String(id)])).toSorted();
  }
  return ids;
}

function inStaging(from: string): string {
  return from.replaceAll(/(^|JOIN )(\w+) (?=\w+( |$))/g, "$1shop_staging.$2 ");
}
