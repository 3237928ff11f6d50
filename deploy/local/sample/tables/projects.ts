// Projects, their members, comments and files, and the logs.
import { type TableRows, words } from "../rows.ts";
import { companyOf, day, moment, money, type Shop, userOf } from "../shop.ts";
import { BITING_TEXTS } from "../words.ts";

export function projects(shop: Shop): TableRows {
  return {
    table: "projects",
    columns: words("id company_id lead_user_id slug name description budget starts_on created_at updated_at"),
    count: shop.projects,
    rows: (id, random) => {
      const company = companyOf(id, shop);
      return [
        [
          id,
          company,
          random.oneIn(6) ? null : userOf(company, random, shop),
          `relaunch-${Math.ceil(id / shop.companies)}`, // unique inside the company only
          random.pick(["Relaunch", "新倉庫 📦", "Année 2027", "Q3 'quick wins'"]),
          random.pick(BITING_TEXTS),
          random.oneIn(4) ? null : money(random, 1_000_000_000),
          random.pick(["0000-00-00", "2026-00-00", day(random)]),
          moment(random),
          moment(random),
        ],
      ];
    },
  };
}

export function projectMembers(shop: Shop): TableRows {
  return {
    table: "project_members",
    columns: words("project_id user_id role joined_on"),
    count: shop.projects,
    // The first few users of the project's company, each once: the pair is the primary key.
    rows: (project, random) => {
      const company = companyOf(project, shop);
      const users = Array.from({ length: 3 }, (_, index) => company + index * shop.companies).filter(
        (id) => id <= shop.users,
      );
      return users.map((user) => [project, user, random.pick(["owner", "editor", "reader"]), day(random)]);
    },
  };
}

export function comments(shop: Shop): TableRows {
  return {
    table: "comments",
    columns: words("id project_id user_id parent_id body created_at edited_at"),
    count: shop.share(0.14),
    rows: (id, random) => {
      const project = 1 + ((id - 1) % shop.projects);
      const user = userOf(companyOf(project, shop), random, shop);
      const { name, email } = shop.who(user);
      const body = random.oneIn(3)
        ? `${name} <${email}> wrote:\n> "${random.pick(BITING_TEXTS)}"`
        : random.pick(["LGTM 👍", "了解しました。", "It's done; see `shop`.`orders`."]);
      const earlier = id > shop.projects && random.oneIn(3) ? id - shop.projects : null; // in the same project
      return [[id, project, user, earlier, body, moment(random), random.oneIn(4) ? moment(random) : null]];
    },
  };
}

export function files(shop: Shop): TableRows {
  return {
    table: "files",
    columns: words("id project_id uploader_id name content_type content size_bytes"),
    count: shop.share(0.01),
    rows: (id, random) => {
      const project = 1 + ((id - 1) % shop.projects);
      const uploader = userOf(companyOf(project, shop), random, shop);
      const bytes = 16 + random.below(1000);
      return [
        [
          id,
          project,
          uploader,
          `CV of ${shop.who(uploader).name} (${id}).pdf`,
          "application/pdf",
          random.oneIn(8) ? null : { hex: random.hex(bytes * 2) },
          bytes,
        ],
      ];
    },
  };
}

export function auditLogs(shop: Shop): TableRows {
  return {
    table: "audit_logs",
    columns: words("id company_id user_id action ip details logged_at"),
    count: shop.share(0.12),
    rows: (id, random) => {
      const company = companyOf(id, shop);
      const user = random.oneIn(10) ? null : userOf(company, random, shop);
      const details = user === null ? null : JSON.stringify({ email: shop.who(user).email, was: [null, "\n"] });
      const action = random.pick(["login", "order.create", "project.update", "user.invite"]);
      return [
        [
          id,
          company,
          user,
          action,
          `198.51.100.${random.below(256)}`,
          details,
          `${moment(random)}.${100_000 + random.below(900_000)}`,
        ],
      ];
    },
  };
}

export function searchLog(shop: Shop): TableRows {
  return {
    table: "search_log",
    columns: words("searched_at query_text ip hits"),
    count: shop.share(0.01),
    rows: (id, random) => {
      const text = random.oneIn(4)
        ? shop.who(1 + (id % shop.users)).email
        : random.pick(["warp thread", "ろうそく", "75% off"]);
      return [[moment(random), text, random.oneIn(9) ? null : `192.0.2.${random.below(256)}`, random.below(400)]];
    },
  };
}
