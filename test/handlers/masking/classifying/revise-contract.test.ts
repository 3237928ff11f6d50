// A contract's text after the schema has changed: what changed is changed, and no other byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSyncContract } from "../../../../contracts/parse-sync-contract.ts";
import {
  entryOf,
  propose,
  reviseContract,
  type Revision,
  writeEntries,
  writeFirstContract,
} from "../../../../handlers/masking/classifying/index.ts";
import { checkMasking } from "../../../../handlers/masking/index.ts";
import type { Schema } from "../../../../handlers/mysql/schema.ts";
import { anySchema } from "./any-schema.ts";
import { NOTHING, schemaOf, table } from "./support.ts";

const server = (port: number) => `{ host: h, port: ${port}, user: u, password: env:P, database: d }`;
const HEAD = `pipeline: shop # ours\nproduction: ${server(1)}\nreplica:   ${server(2)}\nstaging: ${server(3)}\ndumps: dumps\n`;
const contractWith = (tables: string) =>
  `${HEAD}masking:\n  key: env:K\n  tables:\n${tables.replaceAll(/^(?=.)/gm, "    ")}`;

function revise(text: string, schema: Schema, base?: string): Revision {
  const bases = base === undefined ? [] : [{ name: "base.yaml", text: base }];
  const { masking } = parseSyncContract(text, "sync.yaml", bases);
  const revision = reviseContract(text, masking, schema, propose(masking, schema));
  const revised = parseSyncContract(revision.text, "sync.yaml", bases).masking;
  const again = reviseContract(revision.text, revised, schema, propose(revised, schema));
  assert.equal(again.text, revision.text, "a second time nothing changes");
  const { unlisted, unlistedTables, unknownTables, unknownColumns } = checkMasking(revised, schema);
  const open = [...unlisted, ...unlistedTables, ...unknownTables, ...unknownColumns];
  if (revision.left.length + revision.unwritten.length === 0) assert.deepEqual(open, []);
  return revision;
}

/** The lines that a revision takes away, with `-`, and those that it adds, with `+`. */
function changes(before: string, { text: after }: Revision): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
  ];
}

const users = (columns: Record<string, string> = {}) =>
  table("users", { id: "int!", name: "varchar(80)", email: "varchar(190)", ...columns });
const logs = (name: string, columns: Record<string, string> = {}) =>
  table(name, { id: "int!", line: "text", ...columns });

const BLOCK = contractWith(`# People first.
users:
  # Asked of legal in May.
  keep:   [ id ]   # the key
  name: "redact"

  email: &mail email
logs: truncate # huge
# the end
`);

test("a contract that says all is not changed by a byte", () => {
  const { text, removed } = revise(BLOCK, schemaOf(users(), logs("logs")));
  assert.equal(text, BLOCK);
  assert.deepEqual(removed, []);
});

for (const [what, schema, expected] of [
  [
    "a new column gets a line at the end of its table",
    schemaOf(users({ phone: "varchar(20)", motto: "varchar(20)" }), logs("logs")),
    ["+ phone: phone", "+ motto: redact # unsure: what is it?"],
  ],
  [
    "a new column that tells of no one stands in the list of kept ones",
    schemaOf(users({ logins: "int" }), logs("logs")),
    ["- keep:   [ id ]   # the key", "+ keep:   [ id, logins ]   # the key"],
  ],
  [
    "a new table stands at the end",
    schemaOf(users(), logs("logs"), table("animals", { id: "int!", note: "text" })),
    ["+ animals:", "+ keep: [id]", "+ note: text"],
  ],
  [
    "a column that is gone loses its line",
    schemaOf({ ...users(), columns: users().columns.filter(({ name }) => name !== "name") }, logs("logs")),
    ['- name: "redact"'],
  ],
  ["a table that is gone loses its entry", schemaOf(users()), ["- logs: truncate # huge"]],
] as const) {
  test(what, () => assert.deepEqual(changes(BLOCK, revise(BLOCK, schema)), expected));
}

test("entries on one line stay on one line", () => {
  const text = contractWith("users: { keep: [id], name: name, email: email } # all\n");
  const added = revise(text, schemaOf(users({ phone: "varchar(20)", n: "int" })));
  assert.match(added.text, /^ {4}users: \{ keep: \[id, n\], name: name, email: email, phone: phone \} # all$/m);
  const unsure = revise(text.replace(" # all", ""), schemaOf(users({ motto: "varchar(20)" })));
  assert.match(unsure.text, /email: email, motto: redact \} # unsure: motto: what is it\?$/m);
  const fewer = revise(text, schemaOf(table("users", { email: "varchar(190)", fax: "varchar(20)" })));
  assert.match(fewer.text, /^ {4}users: \{ keep: \[\], email: email, fax: phone \} # all$/m);
  const other = revise(text, schemaOf(table("users", { fax: "varchar(20)" })));
  assert.match(other.text, /^ {4}users: \{ keep: \[\], fax: phone \} # all$/m);
  const all = revise(
    `${HEAD}masking: { key: env:K, tables: { users: { keep: [id], name: name, email: email } } }\n`,
    schemaOf(logs("logs")),
  );
  assert.match(
    all.text,
    /tables: \{ logs: \{ keep: \[id\], line: redact \} \} \}$|tables: \{ logs: \{ keep: \[id\], line: text \} \} \}/m,
  );
});

test("lists of one item a line, block scalars and a file without an end of line are changed where they must", () => {
  const text = contractWith(`users:
  keep:
    - id # the key
    - name
  email:
    expression: |
      CONCAT({key}, '@example.com')`);
  const { text: after } = revise(
    text,
    schemaOf(table("users", { id: "int!", email: "varchar(190)", n: "int", fax: "varchar(20)" })),
  );
  assert.equal(after, text.replace("        - name\n", "        - n\n") + "\n      fax: phone");
});

test("a family's new column goes to its pattern, once", () => {
  const text = contractWith('"log_*": { keep: [id], line: text }\n');
  const { text: after } = revise(
    text,
    schemaOf(logs("log_1", { ip: "varchar(45)" }), logs("log_2", { ip: "varchar(45)" })),
  );
  assert.equal(after, text.replace("line: text }", "line: text, ip: ip }"));
  const gone = revise(text, schemaOf(users()));
  assert.deepEqual(gone.removed, [{ table: "log_*" }]);
});

test("an alias becomes a merge of it; a merge gets columns of its own; an anchor that others share is left alone", () => {
  const text = contractWith(`users: &person { keep: [id], name: name, email: email }
members: *person
staff: { <<: *person, fax: phone }
`);
  const like = (name: string, columns: Record<string, string> = {}) => ({ ...users(columns), name });
  const staff = (columns: Record<string, string> = {}) => like("staff", { fax: "varchar(20)", ...columns });
  assert.equal(
    revise(text, schemaOf(users(), like("members", { n: "int", tel: "varchar(20)" }), staff({ m: "int" }))).text,
    text
      .replace("members: *person", "members: { <<: *person, n: keep, tel: phone }")
      .replace("fax: phone }", "fax: phone, m: keep }"),
  );
  const all = revise(
    text,
    schemaOf(users({ tel: "varchar(20)" }), like("members", { tel: "varchar(20)" }), staff({ tel: "varchar(20)" })),
  );
  assert.match(all.text, /&person \{ keep: \[id\], name: name, email: email, tel: phone \}/);
  const some = revise(text, schemaOf(users({ tel: "varchar(20)" }), like("members"), staff()));
  assert.equal(some.text, text);
  assert.deepEqual(some.unwritten, [{ table: "users", column: "tel" }]);
  const gone = revise(text, schemaOf(like("members"), staff()));
  assert.deepEqual(
    [gone.text, gone.left],
    [text, [{ table: "users", nearest: undefined }].map(({ table: own }) => ({ table: own }))],
  );
});

test("what another file says stays there: a table of which it says too little gets a whole entry here", () => {
  const base = contractWith("users: { keep: [id], name: redact, email: email }\nold: keep\n");
  const own = "extends: base.yaml\npipeline: shop-eu\n";
  const { text, left } = revise(own, schemaOf(users({ phone: "varchar(20)" })), base);
  assert.equal(
    text,
    `${own}masking:\n  tables:\n    users:\n      keep: [id]\n      name: redact\n      email: email\n      phone: phone\n`,
  );
  assert.deepEqual(left, [{ table: "old" }]);
  const masking = `${own}masking:\n  unlisted: stop\n`;
  assert.match(
    revise(masking, schemaOf(users({ n: "int" })), base).text,
    /unlisted: stop\n {2}tables:\n {4}users:\n {6}keep: \[id, n\]/,
  );
});

test("rows that stay behind, and columns called keep and rows, are what they were", () => {
  const text = contractWith(`users:
  keep: redact
  ROWS: redact
  rows: { delete: "id < 5" }
`);
  const schema = schemaOf(table("users", { keep: "varchar(9)", rows: "varchar(9)", n: "int" }));
  assert.equal(revise(text, schema).text, `${text}      n: keep\n`);
});

test("from any schema to any other: the contract agrees, and says of what stayed what it said", () => {
  fc.assert(
    fc.property(anySchema, anySchema, (before, after) => {
      const first = writeFirstContract(
        { host: "h", port: 1, user: "u", password: "env:P", database: "d" },
        writeEntries(propose(NOTHING, before).map((proposal) => entryOf(proposal))),
      );
      const agreed = parseSyncContract(first, "sync.yaml").masking;
      assert.deepEqual(checkMasking(agreed, before).refused, []);
      const revision = revise(first, after);
      const revised = parseSyncContract(revision.text, "sync.yaml").masking;
      for (const [name, rule] of Object.entries(agreed.tables)) {
        const now = revised.tables[name];
        if (!after.tables.has(name) || rule.kind !== "columns") continue;
        assert.equal(now?.kind, "columns");
        for (const { name: column } of after.tables.get(name)?.columns ?? []) {
          if (rule.columns[column])
            assert.deepEqual(now?.kind === "columns" && now.columns[column], rule.columns[column]);
        }
      }
    }),
    { numRuns: 200 },
  );
});
