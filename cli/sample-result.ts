// What a sync of the sample shop came to: people side by side, and the demo companies before and after.
// It shows personal data, the sample's own: only `npm run local` calls it.
import type { ReadSession } from "../contracts/platform.ts";
import type { ServersContract } from "../contracts/sync-contract.ts";
import type { Sample } from "../deploy/local/sample/start-sample.ts";
import { quoteName } from "../handlers/mysql/identifiers.ts";
import { openReadSession } from "../handlers/mysql/session.ts";
import { previousDatabase } from "../handlers/swapping/index.ts";
import { formatTable } from "./render/format.ts";
import { sideBySide } from "./side-by-side.ts";

/** Of each table so many rows, and columns that the contract masks. */
const SHOWN = [
  ["users", 2, ["email", "name", "phone", "birth_date"]],
  ["addresses", 1, ["line1", "city", "postcode"]],
  ["audit_logs", 1, ["ip", "details"]],
] as const;

/** A few rows of both databases, as text for a screen; no newline at the end. */
export async function showResult(sample: Sample, contract: ServersContract): Promise<string> {
  const open = (role: "production" | "staging"): Promise<ReadSession> => {
    const { host, port } = sample.servers[role];
    const password = sample.environment[`${role.toUpperCase()}_PASSWORD`] ?? "";
    return openReadSession(role, { host, port, user: contract[role].user, password });
  };
  const [production, staging] = await Promise.all([open("production"), open("staging")]);
  try {
    const sides = {
      production: { session: production, database: contract.production.database },
      staging: { session: staging, database: contract.staging.database },
    };
    const shown = [];
    for (const [table, limit, columns] of SHOWN) {
      shown.push(await sideBySide({ ...sides, table, key: "id", columns, limit }));
    }
    return [...shown, await demoCompanies(staging, contract.staging.database)].join("\n\n");
  } finally {
    await Promise.all([production.close(), staging.close()]);
  }
}

/** The demo companies with their ids of before and after: production had taken the old ones. */
async function demoCompanies(staging: ReadSession, live: string): Promise<string> {
  const rows = await staging.query<{ name: string; before: number; after: number; users: number }>(
    `SELECT now.name AS name, old.id AS \`before\`, now.id AS \`after\`,
       (SELECT COUNT(*) FROM ${quoteName(live)}.users u WHERE u.company_id = now.id) AS users
     FROM ${quoteName(live)}.companies now
     JOIN ${quoteName(previousDatabase(live))}.companies old ON old.name = now.name AND old.is_demo = 1
     WHERE now.is_demo = 1 ORDER BY old.id`,
  );
  const table = [
    ["demo company in staging", "id before", "id now", "its users"],
    ...rows.map(({ name, before, after, users }) => [name, String(before), String(after), String(users)]),
  ];
  return formatTable(table, [1, 2, 3]).join("\n");
}
