// Foreign keys, followed by the plan alone: what masks a parent masks its children.
import assert from "node:assert/strict";
import { test } from "node:test";
import { planMasking } from "../../../handlers/masking/index.ts";
import { chain, column, KEPT, key, refusal, schemaOf, table } from "./plan-support.ts";
import { contractOf } from "./support.ts";

test("a masked parent's children take its transform, and may be left out or say the same", () => {
  const plans = [
    contractOf({ owners: { ...KEPT, mail: "email" }, cars: KEPT, trips: KEPT }),
    contractOf({ owners: { ...KEPT, mail: "email" }, cars: { ...KEPT, mail: "email" }, trips: KEPT }),
  ].map((contract) => planMasking(contract, chain()));
  assert.deepEqual(plans[0], plans[1]);
  const [plan] = plans;
  for (const { columns } of plan?.tables ?? []) assert.equal(columns[1]?.transform.name, "email");
  // The parents' spelling comes first.
  assert.deepEqual(
    plan?.preparations?.map((preparation) => preparation.kind === "spelling" && preparation.child),
    ["cars", "trips"],
  );
  const own = contractOf({ owners: { ...KEPT, mail: "email" }, cars: { ...KEPT, mail: "null" }, trips: KEPT });
  const names = planMasking(own, chain()).tables.map(({ columns }) => columns[1]?.transform.name);
  assert.deepEqual(names, ["null", "email", "null"]);
});

for (const [what, rules, named] of [
  ["is masked otherwise", { cars: { ...KEPT, mail: "hash" }, trips: KEPT }, ["`hash` on `cars.Mail`", "`email` masks"]],
  [
    "is kept",
    { cars: { ...KEPT, mail: "keep" }, trips: KEPT },
    ["`keep` on `cars.Mail`", "`owners.Mail`", "`cars_fk`"],
  ],
  ["is in a kept table", { cars: "keep", trips: "keep" }, ["`keep` on `cars.Mail`", "`email` masks"]],
  ["of a child is kept", { cars: KEPT, trips: { ...KEPT, mail: "keep" } }, ["`keep` on `trips.Mail`", "`cars.Mail`"]],
] as const) {
  test(`a masked parent's child that ${what} is refused by both names`, () => {
    const { code, message } = refusal(contractOf({ owners: { ...KEPT, mail: "email" }, ...rules }), chain());
    assert.equal(code, "MASK_FOREIGN_KEY");
    for (const part of named) assert.ok(message.includes(part), `${part} in: ${message}`);
  });
}

test("what cannot be followed is refused: another type, a transform that keeps nothing apart, a parent that is kept", () => {
  const contract = (mail: "hash" | "redact" | "keep", cars: object = KEPT) =>
    contractOf({ owners: { ...KEPT, mail }, cars: cars as never, trips: KEPT });
  const shorter = refusal(contract("hash"), chain({ cars: "varchar(40)" }));
  assert.match(shorter.message, /`hash` on `cars\.Mail`: the column is `varchar\(40\)`.*`varchar\(100\)`/);
  planMasking(contract("hash"), chain({ cars: "varchar(64)", trips: "varchar(80)" }));
  const loose = chain();
  const unindexed = new Map([...loose.tables].map(([name, own]) => [name, { ...own, keys: [key("PRIMARY", "id")] }]));
  const lossy = refusal(contract("redact"), { ...loose, tables: unindexed });
  assert.match(lossy.message, /`redact` on `owners\.Mail`: `cars\.Mail` refers to the column/);
  assert.match(
    refusal(contract("keep", { ...KEPT, mail: "hash" }), chain()).message,
    /`hash` on `cars\.Mail`: the column refers to `owners\.Mail`.*is not masked/,
  );
});

test("a child is spelled as its parent is, so a unique key over what is computed from it may lose what told rows apart", () => {
  const made = { ...column("mark", "varchar(64) generated"), expression: "sha2(`mail`,256)" };
  const marked = (name: "owners" | "cars") => {
    const { tables, ...rest } = chain();
    const own = tables.get(name) ?? assert.fail();
    const columns = [...own.columns, made];
    return {
      ...rest,
      tables: new Map([...tables, [name, { ...own, columns, keys: [...own.keys, key("mark", "mark")] }]]),
    };
  };
  const contract = contractOf({ owners: { ...KEPT, mail: "hash" }, cars: KEPT, trips: KEPT });
  planMasking(contract, marked("owners"));
  const { code, message } = refusal(contract, marked("cars"));
  assert.equal(code, "MASK_NOT_UNIQUE");
  assert.match(message, /`hash` on `cars\.Mail`.*unique key `mark`/);
});

test("foreign keys in a circle end", () => {
  const refers = (own: string, parent: string) => ({
    foreignKeys: [{ name: `${own}_fk`, table: own, columns: ["code"], parentTable: parent, parentColumns: ["code"] }],
    keys: [key("PRIMARY", "code")],
  });
  const schema = schemaOf(
    table("a", { code: "varchar(64)!" }, refers("a", "b")),
    table("b", { code: "varchar(64)!" }, refers("b", "a")),
    table("self", { code: "varchar(64)!" }, refers("self", "self")),
  );
  const plan = planMasking(contractOf({ a: { code: "hash" }, b: {}, self: { code: "hash" } }), schema);
  assert.deepEqual(
    plan.tables.map(({ columns }) => columns[0]?.transform.name),
    ["hash", "hash", "hash"],
  );
  assert.equal(refusal(contractOf({}), schema).code, "CONTRACT_UNLISTED_COLUMNS");
});

test("`permute` shares one permutation among what refers to it, and among the columns of a domain", () => {
  const schema = chain({ owners: "varchar(20)", cars: "varchar(20)", trips: "varchar(20)" });
  const plan = planMasking(contractOf({ owners: { ...KEPT, mail: "permute" }, cars: KEPT, trips: KEPT }), schema);
  const [permutation, ...more] = plan.preparations ?? [];
  assert.deepEqual(more, []);
  assert.ok(permutation?.kind === "permutation");
  assert.deepEqual(
    permutation.columns.map(({ table: name }) => name),
    ["owners", "cars", "trips"],
  );
  assert.deepEqual(
    plan.tables.map(({ rewritten, chunkKey }) => [rewritten, chunkKey]),
    [1, 2, 3].map(() => [true, undefined]),
  );
  const odd = schemaOf(table("t", { id: "int!", a: "varchar(9)", b: "varchar(9)", c: "varchar(8)" }));
  const shared = { permute: { domain: "codes" } } as const;
  planMasking(contractOf({ t: { ...KEPT, a: shared, b: shared, c: "permute" } }), odd);
  const { code, message } = refusal(contractOf({ t: { ...KEPT, a: shared, b: "keep", c: shared } }), odd);
  assert.equal(code, "MASK_TRANSFORM_UNFIT");
  assert.match(message, /`permute` on `t\.c`: in the domain `codes`.*`t\.a`/);
});
