// Schemas at random, with names and types that classifying has something to say of.
import fc from "fast-check";
import type { Schema } from "../../../../handlers/mysql/schema.ts";
import { foreignKey, schemaOf, table, unique } from "./support.ts";

const NAMES = [
  "id",
  "email",
  "phone",
  "name",
  "kana",
  "sei",
  "dob",
  "note",
  "code",
  "token",
  "ip",
  "x",
  "status",
  "salary",
  "uuid",
  "keep",
  "rows",
];
const TYPES = [
  "int",
  "bigint",
  "varchar(5)",
  "varchar(20)",
  "varchar(190)",
  "char(36)",
  "text",
  "json",
  "date",
  "binary(16)",
  "blob",
  "decimal(9,2)",
  "point",
  "inet6",
  "enum('a','b')",
];

/** Up to three tables with keys of any kind and foreign keys between columns of one type. */
export const anySchema: fc.Arbitrary<Schema> = fc
  .array(
    fc.record({
      name: fc.constantFrom("users", "orders", "sessions", "countries", "会員"),
      columns: fc.dictionary(fc.constantFrom(...NAMES), fc.tuple(fc.constantFrom(...TYPES), fc.boolean()), {
        minKeys: 1,
        maxKeys: 6,
      }),
      keys: fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 2 }), { maxLength: 3 }),
      engine: fc.constantFrom("InnoDB", "InnoDB", "MyISAM"),
      estimatedRows: fc.constantFrom(0, 1000, 10_000_000_000),
      refersTo: fc.array(fc.tuple(fc.nat(5), fc.nat(2), fc.nat(5)), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((drafts) => {
    const known = drafts.filter(({ name }, i) => drafts.findIndex((other) => other.name === name) === i);
    const made = known.map(({ name, columns, keys, engine, estimatedRows }) => {
      const own = Object.fromEntries(
        Object.entries(columns).map(([each, [type, isNullable]]) => [each, `${type}${isNullable ? "" : "!"}`]),
      );
      const names = Object.keys(own);
      const at = (i: number) => names[i % names.length] ?? "";
      const uniques = keys.map((parts, i) => unique(i === 0 ? "PRIMARY" : `key${i}`, ...new Set(parts.map(at))));
      return table(name, own, { engine, estimatedRows, keys: uniques });
    });
    const all = made.map((own, i) => ({
      ...own,
      foreignKeys: (known[i]?.refersTo ?? []).flatMap(([from, to, column_], n) => {
        const child = own.columns[from % own.columns.length];
        const parent = made[to % made.length];
        const referred = parent?.columns[column_ % parent.columns.length];
        // MyISAM has no foreign keys; and columns that refer to each other in a circle are nobody's.
        if (!child || !parent || !referred || [own, parent].some(({ engine }) => engine === "MyISAM")) return [];
        const isAbove =
          made.indexOf(parent) < i || (parent === own && own.columns.indexOf(referred) < own.columns.indexOf(child));
        if (!isAbove) return [];
        const isSame = child.dataType === referred.dataType;
        return isSame ? [{ ...foreignKey(own.name, child.name, parent.name, referred.name), name: `fk${n}` }] : [];
      }),
    }));
    return schemaOf(...all);
  });
