// What is proposed fits: keys, foreign keys, lengths, engines; contract and schema agree with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { propose, withProposals } from "../../../../handlers/masking/classifying/index.ts";
import { checkMasking, planMasking } from "../../../../handlers/masking/index.ts";
import { anySchema } from "./any-schema.ts";
import { columnOf, entriesFor, foreignKey, NOTHING, schemaOf, table, unique } from "./support.ts";

test("an entry lists what is kept, and gives what is unsure a line and a remark of its own", () => {
  const users = table("users", {
    ...{ id: "int!", email: "varchar(190)!", gender: "varchar(10)", motto: "varchar(80)", status: "varchar(10)" },
    ...{ keep: "varchar(9)", "a: b": "int", born: "date" },
  });
  assert.equal(
    entriesFor(schemaOf(users)),
    `users:
  id: keep
  status: keep
  "a: b": keep
  email: email
  gender: keep # unsure: personal?
  motto: redact # unsure: what is it?
  keep: redact # unsure: what is it?
  born: { date_shift: { by: id } }
`,
  );
  const plain = { ...users, columns: users.columns.filter(({ name }) => name !== "keep") };
  assert.match(entriesFor(schemaOf(plain)), /^users:\n {2}keep: \[id, status, "a: b"\]\n {2}email: email\n/);
});

test("a long list of kept columns goes on in further lines", () => {
  const names = Array.from({ length: 30 }, (_, i) => `counter_of_things_${i}`);
  const text = entriesFor(schemaOf(table("t", Object.fromEntries(names.map((name) => [name, "int"])))));
  assert.ok(text.split("\n").every((line) => line.length <= 120));
  assert.equal(checkMasking(withProposals(NOTHING, []), schemaOf()).patch, "");
  assert.match(text, /^t:\n {2}keep: \[\n {4}counter_of_things_0, .*,\n {4}counter_of[^]*\n {2}\]\n$/);
});

test("a unique column gets what keeps it unique", () => {
  const people = table(
    "people",
    {
      id: "int!",
      email: "varchar(190)!",
      phone: "varchar(20)!",
      name: "varchar(80)!",
      code: "char(6)!",
      vat_number: "varchar(32)",
    },
    {
      keys: ["id", "email", "phone", "name", "code", "vat_number"].map((name) =>
        unique(name === "id" ? "PRIMARY" : name, name),
      ),
    },
  );
  assert.equal(
    entriesFor(schemaOf(people)),
    `people:
  keep: [id]
  email: email
  phone: hash
  name: hash
  code: permute # unsure: whose identifier?: its values change places
  vat_number: hash
`,
  );
});

test("integer keys and keys of UUIDs are kept, and what refers to them", () => {
  const users = table(
    "users",
    { id: "char(36)!", boss_id: "char(36)" },
    { foreignKeys: [foreignKey("users", "boss_id", "users")] },
  );
  const orders = table(
    "orders",
    { id: "bigint!", user_id: "char(36)!" },
    { foreignKeys: [foreignKey("orders", "user_id", "users")] },
  );
  assert.equal(
    entriesFor(schemaOf(users, orders)),
    "users:\n  keep: [boss_id]\n  id: keep # unsure: a key: a random UUID?\norders:\n  keep: [id, user_id]\n",
  );
});

test("a masked parent's children follow it and need no line", () => {
  const users = table("users", { email: "varchar(190)!", name: "varchar(80)" }, { keys: [unique("PRIMARY", "email")] });
  const logins = table(
    "logins",
    { id: "int!", who: "varchar(190)" },
    { foreignKeys: [foreignKey("logins", "who", "users", "email")] },
  );
  const schema = schemaOf(users, logins);
  assert.equal(entriesFor(schema), "users:\n  email: email\n  name: name\nlogins:\n  keep: [id]\n");
  const plan = planMasking(withProposals(NOTHING, propose(NOTHING, schema)), schema);
  assert.equal(plan.tables[1]?.columns.find((own) => own.column === "who")?.transform.name, "email");
  // A child of another type cannot be masked alike: then both are kept, and said to be unsure.
  const short = schemaOf(users, { ...logins, columns: [columnOf("id", "int!"), columnOf("who", "varchar(30)")] });
  assert.match(entriesFor(short), /^users:\n {2}email: keep # unsure/);
});

test("a reading belongs to the name beside it", () => {
  const kokyaku = table("m_kokyaku", {
    ...{ id: "int!", sei: "varchar(40)", mei: "varchar(40)", sei_kana: "varchar(40)", mei_kana: "varchar(40)" },
    ...{ shimei: "varchar(80)", kana: "varchar(80)" },
  });
  assert.equal(
    entriesFor(schemaOf(kokyaku)),
    `m_kokyaku:
  keep: [id]
  sei: { last_name: { locale: ja } }
  mei: { first_name: { locale: ja } }
  sei_kana: { kana: { of: sei } }
  mei_kana: { kana: { of: mei } }
  shimei: { name: { locale: ja } }
  kana: { kana: { of: shimei } }
`,
  );
  const comments = table("kaiin", { c1: "varchar(40) -- 氏名", c2: "varchar(40) -- 氏名（カナ）" });
  assert.match(entriesFor(schemaOf(comments)), /c1: \{ name: \{ locale: ja \} \}\n {2}c2: \{ kana: \{ of: c1 \} \}/);
  const hashed = { ...kokyaku, keys: [unique("PRIMARY", "id"), unique("sei", "sei")] };
  assert.match(entriesFor(schemaOf(hashed)), /sei: hash\n[^]*sei_kana: kana\n/, "a name that is hashed has no reading");
});

test("a birth date shifts with its person", () => {
  const users = table("users", { id: "int!", dob: "date" });
  const cards = table(
    "cards",
    { id: "int!", user_id: "int", birthday: "date" },
    { foreignKeys: [foreignKey("cards", "user_id", "users")] },
  );
  const loose = table("loose", { a: "int!", b: "int!", birthday: "date" }, { keys: [unique("PRIMARY", "a", "b")] });
  const text = entriesFor(schemaOf(users, cards, loose));
  assert.match(text, /dob: \{ date_shift: \{ by: id \} \}/);
  assert.match(text, /birthday: \{ date_shift: \{ by: user_id \} \}/);
  assert.match(text, /loose:\n {2}keep: \[a, b\]\n {2}birthday: date_shift\n/);
});

test("rows that no copy needs may stay behind, where no other table refers to them", () => {
  const tokens = table("api_tokens", { id: "int!", token: "varchar(64)" });
  assert.equal(entriesFor(schemaOf(tokens)), "api_tokens: truncate # unsure: does staging need its rows?\n");
  const uses = table(
    "uses",
    { id: "int!", token_id: "int" },
    { foreignKeys: [foreignKey("uses", "token_id", "api_tokens")] },
  );
  assert.match(entriesFor(schemaOf(tokens, uses)), /^api_tokens:\n {2}keep: \[id\]\n {2}token: hash\n/);
  const logs = table("audit_logs", { id: "int!", message: "text" });
  assert.match(
    entriesFor(schemaOf(logs)),
    /^audit_logs:\n {2}keep: \[id\]\n {2}message: text\n/,
    "volume is what staging is for",
  );
});

test("a table without transactions is truncated where something in it would be masked", () => {
  const old = (columns: Record<string, string>) => schemaOf(table("old", columns, { engine: "MyISAM" }));
  assert.match(
    entriesFor(old({ id: "int!", email: "varchar(190)" })),
    /^old: truncate # unsure: `MyISAM` cannot be masked/,
  );
  assert.equal(entriesFor(old({ id: "int!", n: "int" })), "old:\n  keep: [id, n]\n");
});

test("what the contract says already stands, and children of what it keeps are kept", () => {
  const users = table(
    "users",
    { id: "int!", email: "varchar(190)!" },
    { keys: [unique("PRIMARY", "id"), unique("email", "email")] },
  );
  const logins = table(
    "logins",
    { id: "int!", who: "varchar(190)" },
    { foreignKeys: [foreignKey("logins", "who", "users", "email")] },
  );
  const contract = {
    ...NOTHING,
    tables: {
      users: { kind: "columns" as const, columns: { id: { name: "keep" as const }, email: { name: "keep" as const } } },
    },
  };
  const [proposal, ...others] = propose(contract, schemaOf(users, logins));
  assert.deepEqual(others, []);
  assert.deepEqual(
    proposal?.columns.map(({ proposal: own }) => own.transform.name),
    ["keep", "keep"],
  );
});

test("whatever the schema, contract and schema agree with what is proposed, and it is proposed the same again", () => {
  fc.assert(
    fc.property(anySchema, (schema) => {
      const proposals = propose(NOTHING, schema);
      const drift = checkMasking(withProposals(NOTHING, proposals), schema);
      assert.deepEqual({ ...drift, refused: drift.refused.map(({ message }) => message) }, NO_DRIFT);
      assert.deepEqual(propose(NOTHING, schema), proposals);
    }),
    { numRuns: 200 },
  );
});

const NO_DRIFT = { unlisted: [], unlistedTables: [], unknownTables: [], unknownColumns: [], refused: [], patch: "" };
