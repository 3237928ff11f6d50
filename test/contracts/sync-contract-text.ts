// A sync contract that is right; tests spoil a line of it.

/** Stands where a secret must not: no complaint may repeat it. */
export const SECRET = "s3cr3t-in-the-file";

export const GOOD = `pipeline: shop
production: { host: 127.0.0.1, port: 3401, user: understudy, password: env:PRODUCTION_PASSWORD, database: shop }
replica:    { host: 127.0.0.1, port: 3402, user: understudy, password: env:REPLICA_PASSWORD, database: shop }
staging:    { host: 127.0.0.1, user: understudy, password: env:STAGING_PASSWORD, database: shop_staging }
dumps: .understudy/dumps

masking:
  key: env:UNDERSTUDY_MASKING_KEY
  tables:
    users:
      keep: [id, status]
      email: email
      name: redact
      phone: null
      note: "null"
      token: hash
      country: { fixed: jp }
    flags: { keep: redact }
    password_resets: truncate
    countries: keep
preserve:
  - { table: companies, where: is_demo = 1 }
`;
