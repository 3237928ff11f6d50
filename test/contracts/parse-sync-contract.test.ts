// sync.yaml: what it becomes, and every complaint with its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isFatal } from "../../contracts/errors.ts";
import { parseSyncContract } from "../../contracts/parse-sync-contract.ts";
import type { TableRule } from "../../contracts/sync-contract.ts";
import { GOOD, SECRET } from "./sync-contract-text.ts";

/** The complaints about `text`, without the file's name; none where it parses. */
function complaints(text: string): { code?: string; lines: string[] } {
  try {
    parseSyncContract(text, "sync.yaml");
    return { lines: [] };
  } catch (error) {
    assert.ok(isFatal(error), String(error));
    return { code: error.code, lines: error.message.split("\n").map((line) => line.replace(/^sync\.yaml:/, "")) };
  }
}

/** GOOD with `line` (from 1) replaced. */
function withLine(line: number, replacement: string): string {
  return GOOD.split("\n")
    .with(line - 1, replacement)
    .join("\n");
}

function columnsOf(rule: TableRule | undefined): object {
  assert.ok(rule?.kind === "columns");
  return { ...rule.columns };
}

test("a contract becomes the checked and complete value that the code uses", () => {
  const { masking, ...rest } = parseSyncContract(GOOD, "sync.yaml");
  const instance = { host: "127.0.0.1", user: "understudy" };
  assert.deepEqual(rest, {
    kind: "servers",
    pipeline: "shop",
    production: { ...instance, port: 3401, password: "env:PRODUCTION_PASSWORD", database: "shop" },
    replica: { ...instance, port: 3402, password: "env:REPLICA_PASSWORD", database: "shop" },
    staging: { ...instance, port: 3306, password: "env:STAGING_PASSWORD", database: "shop_staging" },
    dumps: ".understudy/dumps",
    preserve: [{ table: "companies", where: "is_demo = 1" }],
    references: [],
    collations: {},
    load: { swap: "rename", keepTables: [], objects: "staging", after: [] },
  });
  assert.equal(masking.key, "env:UNDERSTUDY_MASKING_KEY");
  assert.equal(masking.unlisted, "stop");
  assert.deepEqual(columnsOf(masking.tables["users"]), {
    id: { name: "keep" },
    status: { name: "keep" },
    email: { name: "email" },
    name: { name: "redact" },
    phone: { name: "null" },
    note: { name: "null" },
    token: { name: "hash" },
    country: { name: "fixed", value: "jp" },
  });
  assert.deepEqual(columnsOf(masking.tables["flags"]), { keep: { name: "redact" } });
  assert.deepEqual(masking.tables["password_resets"], { kind: "truncate" });
  assert.deepEqual(masking.tables["countries"], { kind: "keep" });
});

test("anchors, aliases and merges work, and what stands there wins over what is merged", () => {
  const text = withLine(3, "replica:    { <<: *production, port: 3402 }").replace(
    "production: {",
    "production: &production {",
  );
  const { replica } = parseSyncContract(text, "sync.yaml");
  assert.deepEqual(replica, {
    host: "127.0.0.1",
    port: 3402,
    user: "understudy",
    password: "env:PRODUCTION_PASSWORD",
    database: "shop",
  });
});

test("a mistake in merged text is told where it is written", () => {
  const text = withLine(3, "replica: { <<: *production, port: 3402 }").replace(
    "production: { host: 127.0.0.1",
    "production: &production { host: 'a b'",
  );
  assert.deepEqual(
    complaints(text).lines.map((line) => line.split(" is ")[0]),
    ["2:33: `production.host`", "2:33: `replica.host`"],
  );
});

test("a table or column may have any name, those of JavaScript too", () => {
  const { masking } = parseSyncContract(
    GOOD.replace("preserve:", "    constructor: { constructor: hash, 1: keep, null: keep, true: keep }\npreserve:"),
    "f",
  );
  const rule = masking.tables["constructor"];
  assert.deepEqual(rule?.kind === "columns" && Object.keys(rule.columns), ["1", "constructor", "null", "true"]);
  assert.equal(parseSyncContract(GOOD, "f").masking.tables["constructor"], undefined);
});

const TRANSFORM = "is not a transform: `email`, `{ fixed: VALUE }` or another of docs/transforms.md is expected.";
const REFERENCE = (name: string) =>
  `must refer to an environment variable, for example \`env:${name}\`. A secret is never written in this file.`;

for (const [about, line, replacement, complaint] of [
  ["a misspelt key", 7, "maskin:", "7:1: Unknown key `maskin`. Did you mean `masking`?"],
  [
    "a misspelt key of an instance",
    4,
    "staging: { hots: h, user: u, password: env:P, database: d }",
    "4:12: Unknown key `hots` in `staging`. Did you mean `host`?",
  ],
  [
    "an unknown key",
    6,
    "colour: red",
    "6:1: Unknown key `colour`. Known are `extends`, `pipeline`, `production`, `replica`, `staging`, `dumps`, `masking`, `preserve`, `references`, `collations`, `swap`, `keep_tables`, `objects`, `after`.",
  ],
  [
    "a pipeline's name",
    1,
    "pipeline: My Shop",
    "1:11: `pipeline` is not a pipeline name: lower-case letters, digits and dashes, a letter first",
  ],
  ["a pipeline that is no text", 1, "pipeline: 3", "1:11: `pipeline` is refused: expected string, received number"],
  ["a missing instance", 4, "", "1:1: `staging` is missing."],
  [
    "a missing key of an instance",
    4,
    "staging: { host: h, user: u, database: d }",
    "4:1: `staging.password` is missing.",
  ],
  [
    "an instance that is text",
    4,
    "staging: localhost",
    "4:10: `staging` is not an instance: a map of `host`, `port`, `user`, `password` and `database` is expected.",
  ],
  [
    "a port out of range",
    4,
    "staging: { host: h, port: 70000, user: u, password: env:P, database: d }",
    "4:27: `staging.port` is not a port: a whole number from 1 to 65535 is expected.",
  ],
  [
    "a port in quotes",
    4,
    "staging: { host: h, port: '33', user: u, password: env:P, database: d }",
    "4:27: `staging.port` is not a port: a whole number from 1 to 65535 is expected.",
  ],
  [
    "a host with a scheme",
    4,
    "staging: { host: 'mysql://h', user: u, password: env:P, database: d }",
    "4:18: `staging.host` is not a host: a name or an IP address is expected, without a scheme, a user or a path.",
  ],
  [
    "a password in the file",
    4,
    `staging: { host: h, user: u, password: ${SECRET}, database: d }`,
    `4:40: \`staging.password\` ${REFERENCE("STAGING_PASSWORD")}`,
  ],
  [
    "a password that is a number",
    4,
    "staging: { host: h, user: u, password: 12345, database: d }",
    `4:40: \`staging.password\` ${REFERENCE("STAGING_PASSWORD")}`,
  ],
  [
    "a masking key in the file",
    8,
    `  key: ${SECRET}`,
    `8:8: \`masking.key\` ${REFERENCE("UNDERSTUDY_MASKING_KEY")} Or \`fresh\`, for a new key in each run.`,
  ],
  ["no masking key", 8, "", "7:1: `masking.key` is missing."],
  [
    "the end of a password behind a comma",
    4,
    "staging: { host: h, user: u, password: env:P,hunter2, database: d }",
    "4:46: Unknown key in `staging`. Known are `host`, `port`, `user`, `password`, `database`.",
  ],
  [
    "a system's database",
    4,
    "staging: { host: h, user: u, password: env:P, database: MySQL }",
    "4:57: `staging.database` is a database that belongs to the server or to Understudy.",
  ],
  [
    "a database that looks like an option",
    4,
    "staging: { host: h, user: u, password: env:P, database: --all }",
    "4:57: `staging.database` is not a database's name: no dots, slashes, backslashes, backticks or control characters, no dash first, no space at an end.",
  ],
  [
    "a staging database without room for its suffix",
    4,
    `staging: { host: h, user: u, password: env:P, database: ${"d".repeat(59)} }`,
    "4:57: `staging.database` is longer than 58 characters: the databases `<name>__next` and `<name>__prev` stand beside it, and MySQL's limit for names is 64.",
  ],
  ["a bucket", 5, "dumps: gs://bucket/prefix", "5:8: `dumps` is not a directory: a path is expected, and not a URL."],
  [
    "unlisted: keep",
    9,
    "  unlisted: keep\n  tables:",
    "9:13: `masking.unlisted` is not what becomes of an unlisted column (there is no `keep`): `stop` or `redact`.",
  ],
  [
    "unlisted: reduct",
    9,
    "  unlisted: reduct\n  tables:",
    "9:13: `masking.unlisted` is not what becomes of an unlisted column (there is no `keep`): `stop` or `redact`. Did you mean `redact`?",
  ],
  [
    "a misspelt transform",
    12,
    "      email: emial",
    `12:14: \`masking.tables.users.email\` ${TRANSFORM} Did you mean \`email\`?`,
  ],
  ["an unknown transform", 12, "      email: shuffle", `12:14: \`masking.tables.users.email\` ${TRANSFORM}`],
  [
    "a misspelt key of a transform",
    17,
    "      country: { fixde: jp }",
    "17:18: Unknown key `fixde` in `masking.tables.users.country`. Did you mean `fixed`?",
  ],
  [
    "a fixed NULL",
    17,
    "      country: { fixed: null }",
    "17:25: `masking.tables.users.country.fixed` is not a fixed value: text, a number, true or false is expected. For NULL write `null` as the transform.",
  ],
  [
    "a number that YAML changes",
    17,
    "      country: { fixed: 0123 }",
    "17:25: `masking.tables.users.country.fixed` is a number that YAML reads otherwise than it is written. Put it in quotes.",
  ],
  [
    "a number of too many digits",
    17,
    "      country: { fixed: 12345678901234567890 }",
    "17:25: `masking.tables.users.country.fixed` is a number that YAML reads otherwise than it is written. Put it in quotes.",
  ],
  [
    "a misspelt rule of a table",
    19,
    "    password_resets: trunkate",
    "19:22: `masking.tables.password_resets` is not a table's rule: `keep`, `truncate` or a map of columns is expected. Did you mean `truncate`?",
  ],
  [
    "a table without a rule",
    19,
    "    password_resets:",
    "19:21: `masking.tables.password_resets` is not a table's rule: `keep`, `truncate` or a map of columns is expected.",
  ],
  [
    "a column both kept and masked",
    12,
    "      Status: redact",
    "12:7: `Status` of `masking.tables.users` is named twice, first in line 11. A column is either kept or has one transform.",
  ],
  [
    "a column kept twice",
    10,
    "    users: { keep: [id, ID] }\n    u2:",
    "10:25: `ID` of `masking.tables.users` is named twice, first in line 10. A column is either kept or has one transform.",
  ],
  [
    "a `keep` that is neither",
    10,
    "    users: { keep: id }\n    u2:",
    "10:20: `masking.tables.users.keep` is not a list of columns to keep: `keep: [id, status]` is expected. (`keep: redact` masks a column named `keep`.)",
  ],
  [
    "a kept column that is no text",
    10,
    "    users: { keep: [id, 7] }\n    u2:",
    "10:25: `masking.tables.users.keep[1]` is not a column's name: text is expected.",
  ],
  [
    "a condition that YAML reads as a boolean",
    22,
    "  - { table: companies, where: true }",
    "22:32: `preserve[0].where` is not a condition: SQL as it stands after WHERE is expected, in quotes where YAML needs them.",
  ],
  [
    "a preserve that is no list",
    22,
    "  table: companies",
    "22:3: `preserve` is not a list of rules such as `- { table: companies, where: is_demo = 1 }`.",
  ],
  ["the same key twice", 6, "dumps: elsewhere", "6:1: This key stands twice in its map."],
  ["a tab", 8, "\tkey: env:KEY", "8:1: Indentation is by spaces; here is a tab."],
  [
    "an open quote",
    22,
    `  - { table: 'companies, where: ${SECRET} }`,
    "23:1: A closing quote or bracket, a colon or a space is missing.",
  ],
  ["a reserved character", 5, "dumps: @home", "5:8: A value that begins with this character must stand in quotes."],
  ["a tag", 5, "dumps: !secret x", "5:8: Tags such as `!name` have no meaning here."],
  ["a second document", 22, "---\na: b", "22:1: A second document begins here; a contract is one document."],
  [
    "an alias without an anchor",
    5,
    "dumps: *nowhere",
    "5:8: An alias refers to an anchor that is not set before it, or the aliases expand too far.",
  ],
] as const) {
  test(`${about} is told with its place`, () => {
    const { code, lines } = complaints(withLine(line, replacement));
    assert.equal(code, "CONTRACT_INVALID");
    assert.ok(lines.includes(complaint), `expected\n  ${complaint}\namong\n  ${lines.join("\n  ")}`);
    assert.ok(!lines.join().includes(SECRET) && !lines.join().includes("hunter2"));
  });
}

test("a misspelt key is one complaint, not also a missing one", () => {
  assert.equal(complaints(withLine(5, "dump: .understudy")).lines.length, 1);
});

test("all complaints come at once, in the file's order", () => {
  const text = GOOD.replace("pipeline: shop", "pipeline: Shop")
    .replace("port: 3402", "port: 0")
    .replace("email: email", "email: mail")
    .replace("is_demo = 1", "''");
  assert.deepEqual(
    complaints(text).lines.map((line) => line.split(":", 1)[0]),
    ["1", "3", "12", "22"],
  );
});

for (const empty of ["", "# nothing yet\n", "null", "- a", "shop"]) {
  test(`${JSON.stringify(empty)} is no contract`, () => {
    const { lines } = complaints(empty);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^1:1: The file is (missing|not a sync contract)/);
  });
}

for (const [first, second] of [
  ["127.0.0.1", "localhost"],
  ["127.0.0.1", "127.1.2.3"],
  ["localhost", "'::1'"],
  ["localhost", "'[::1]'"],
  ["127.0.0.1", "'::ffff:127.0.0.1'"],
  ["db.example.com", "DB.example.com."],
  ["10.0.0.1", "'::ffff:10.0.0.1'"],
  ["'2001:db8::1'", "'2001:0db8:0::0001'"],
] as const) {
  test(`${first} and ${second} with one port are one server: refused for production and staging`, () => {
    const text = withLine(2, `production: { host: ${first}, port: 3401, user: u, password: env:P, database: a }`)
      .split("\n")
      .with(3, `staging: { host: ${second}, port: 3401, user: u, password: env:P, database: b, colour: red }`)
      .join("\n");
    const { code, lines } = complaints(text);
    assert.equal(code, "CONTRACT_SAME_INSTANCE"); // also where something else is wrong
    assert.match(lines[0] ?? "", /^4:1: `staging` is the same server as `production` in line 2\./);
    assert.equal(lines.length, 2);
  });
}

test("one host with two ports is two servers, and a port left out is 3306", () => {
  assert.deepEqual(complaints(GOOD).lines, []);
  const { code } = complaints(GOOD.replace("port: 3401", "port: 3306"));
  assert.equal(code, "CONTRACT_SAME_INSTANCE");
});

test("whatever stands in place of a secret is refused and never repeated", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9!#$%+/=?^_~.-]{12,40}$/).filter((s) => !GOOD.includes(s));
  fc.assert(
    fc.property(
      secret,
      fc.constantFrom("env:PRODUCTION_PASSWORD", "env:STAGING_PASSWORD", "env:UNDERSTUDY_MASKING_KEY"),
      fc.constantFrom("", '"', "'"),
      (value, reference, quote) => {
        const { code, lines } = complaints(GOOD.replace(reference, quote + value + quote));
        assert.equal(code, "CONTRACT_INVALID");
        assert.ok(!lines.join("\n").includes(value));
      },
    ),
  );
});

test("any text is parsed or refused with places; nothing else is thrown", () => {
  const scrap = fc.constantFrom(
    "{",
    "}",
    "[",
    ":",
    " ",
    "\n",
    "\t",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "'",
    "#",
    "? ",
    "| ",
    "é",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.nat(GOOD.length), fc.nat(20), fc.array(scrap, { maxLength: 3 }), (at, cut, scraps) => {
      for (const line of complaints(GOOD.slice(0, at) + scraps.join("") + GOOD.slice(at + cut)).lines) {
        assert.match(line, /^\d+:\d+: .+\.?$/);
      }
    }),
    { numRuns: 500 },
  );
});
