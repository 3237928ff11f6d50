// Companies, their users, and what hangs on a user alone.
import { type TableRows, words } from "../rows.ts";
import { companyOf, moment, type Shop, userOf } from "../shop.ts";
import { CITIES, COMPANY_WORDS, STREETS } from "../words.ts";
import { COUNTRY_CODES } from "./reference.ts";

export function companies(shop: Shop): TableRows {
  return {
    table: "companies",
    columns: words(
      "id name vat_number country_code primary_project_id is_demo plan features settings founded_on created_at updated_at",
    ),
    count: shop.companies,
    rows: (id, random) => [
      [
        id,
        shop.demoName(id) ?? `${random.pick(COMPANY_WORDS)} ${id}`,
        random.oneIn(5) ? null : `${shop.prefix}VAT${String(id).padStart(9, "0")}`,
        random.pick(COUNTRY_CODES),
        // Project `id` is the company's first one. The other half of the cycle; some have none.
        id > shop.projects || random.oneIn(6) ? null : id,
        shop.demoName(id) === undefined ? 0 : 1,
        random.pick(["free", "team", "enterprise"]),
        random.pick(["", "sso", "sso,audit", "export,api", "sso,audit,export,api"]),
        JSON.stringify({ theme: "dark", locale: "ja-JP", limits: { seats: random.below(500) }, emoji: "🏭" }),
        random.pick(["0000-00-00", "1987-00-00", "1999-12-31", "2016-02-29"]),
        moment(random),
        moment(random),
      ],
    ],
  };
}

export function users(shop: Shop): TableRows {
  return {
    table: "users",
    columns: words(
      "id company_id manager_id email name phone token status roles birth_date preferences last_login_at created_at updated_at",
    ),
    count: shop.users,
    rows: (id, random) => {
      const { name, email, phone } = shop.who(id);
      const company = companyOf(id, shop);
      const preferences = { newsletter: random.oneIn(2), columns: ["id", "名前"], path: "C:\\shop" };
      return [
        [
          id,
          company,
          id === company ? null : userOf(company, random, shop),
          email,
          name,
          random.oneIn(6) ? null : phone,
          random.hex(64),
          random.pick(["active", "active", "active", "invited", "suspended"]),
          random.pick(["viewer", "buyer", "admin,buyer", ""]),
          random.oneIn(5) ? null : `19${50 + random.below(50)}-0${1 + random.below(9)}-1${random.below(10)}`,
          random.oneIn(3) ? null : JSON.stringify(preferences),
          random.oneIn(5) ? "0000-00-00 00:00:00" : moment(random),
          moment(random),
          moment(random),
        ],
      ];
    },
  };
}

export function addresses(shop: Shop): TableRows {
  return {
    table: "addresses",
    columns: words("id user_id kind line1 line2 city postcode country_code"),
    count: Math.min(shop.share(0.05), shop.users * 2),
    rows: (id, random) => [
      [
        id,
        1 + ((id - 1) % shop.users),
        id <= shop.users ? "billing" : "shipping", // two at most for a user, of different kinds
        `${1 + random.below(300)} ${random.pick(STREETS)}`,
        random.oneIn(3) ? `Apt. ${random.below(99)}\nring twice` : null,
        random.pick(CITIES),
        `${100 + random.below(900)}-${1000 + random.below(9000)}`,
        random.pick(COUNTRY_CODES),
      ],
    ],
  };
}

/** The tables that no copy should have: the contract empties them. */
export function secrets(shop: Shop): TableRows[] {
  const user = (id: number) => 1 + ((id * 3) % shop.users);
  return [
    {
      table: "password_resets",
      columns: words("token user_id created_at"),
      count: shop.share(0.005),
      rows: (id, random) => [[random.hex(64), user(id), moment(random)]],
    },
    {
      table: "api_tokens",
      columns: words("id user_id token_hash label last_used_at"),
      count: shop.share(0.005),
      rows: (id, random) => [
        [
          id,
          user(id),
          { hex: random.hex(64) },
          `CI of ${shop.who(user(id)).name}`,
          random.oneIn(2) ? null : moment(random),
        ],
      ],
    },
    {
      table: "sessions",
      columns: words("id user_id ip payload expires_at"),
      count: shop.share(0.01),
      rows: (id, random) => [
        [
          `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`,
          user(id),
          `203.0.113.${random.below(256)}`,
          `user|s:5:"email";s:20:"${shop.who(user(id)).email}";`,
          moment(random),
        ],
      ],
    },
  ];
}
