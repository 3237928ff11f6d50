// Schemas without a database, for what plans are made of.
import assert from "node:assert/strict";
import { isFatal } from "../../../contracts/errors.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { planMasking } from "../../../handlers/masking/index.ts";
import type { Column, Key, Schema, Table } from "../../../handlers/mysql/schema.ts";

/** A column from `varchar(50)`, `int!` (not nullable), `varchar(9) generated`, `date -- a comment`. */
export function column(name: string, definition: string): Column {
  const [typed = "", comment = ""] = definition.split(" -- ");
  const type = typed.replace(/!| generated| on update/g, "");
  const dataType = /^\w+/.exec(type)?.[0] ?? "";
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? 65_535);
  const isText = /char|text/.test(dataType);
  return {
    name,
    dataType,
    columnType: type,
    nullable: !typed.includes("!"),
    maxCharacters: isText ? length : null,
    maxBytes: isText ? length * 4 : length,
    characterSet: isText ? "utf8mb4" : null,
    collation: isText ? "utf8mb4_general_ci" : null,
    generated: typed.includes("generated"),
    autoIncrement: false,
    onUpdateNow: typed.includes("on update"),
    default: null,
    comment,
  };
}

/** A unique key from `email` or `email(5),tenant`. */
export function key(name: string, columns: string, unique = true): Key {
  const parts = columns.split(",").map((part) => {
    const [, own = "", prefix] = /^(\w+)(?:\((\d+)\))?$/.exec(part) ?? [];
    return { column: own, prefix: prefix === undefined ? null : Number(prefix) };
  });
  return { name, unique, parts };
}

export function table(name: string, columns: Readonly<Record<string, string>>, rest: Partial<Table> = {}): Table {
  return {
    name,
    engine: "InnoDB",
    estimatedRows: 1,
    columns: Object.entries(columns).map(([own, definition]) => column(own, definition)),
    keys: [key("PRIMARY", "id")],
    foreignKeys: [],
    ...rest,
  };
}

export function schemaOf(...tables: Table[]): Schema {
  return { database: "shop", tables: new Map(tables.map((own) => [own.name, own])), views: [] };
}

export const USERS = table(
  "users",
  {
    id: "int!",
    Email: "varchar(100)!",
    name: "varchar(100)",
    age: "int",
    shown: "varchar(200) generated",
    seen: "timestamp! on update",
  },
  { keys: [key("PRIMARY", "id"), key("by_email", "Email")] },
);
export const GOOD = { id: "keep", email: "email", NAME: "redact", age: "keep", seen: "keep" } as const;

export function refusal(contract: MaskingContract, schema: Schema): { code: string; message: string } {
  try {
    planMasking(contract, schema);
  } catch (error) {
    assert.ok(isFatal(error));
    return { code: error.code, message: error.message };
  }
  return assert.fail("The plan was made.");
}

/** `owners.mail`, unique, and what refers to it: `cars.mail`, and `trips.mail` by way of it. */
export function chain(rest: Partial<Record<"owners" | "cars" | "trips", string>> = {}): Schema {
  const to = (own: string, parent: string) => ({
    foreignKeys: [{ name: `${own}_fk`, table: own, columns: ["MAIL"], parentTable: parent, parentColumns: ["mail"] }],
    keys: [key("PRIMARY", "id"), key("by_mail", "mail")],
  });
  const columns = (name: "owners" | "cars" | "trips") => ({ id: "int!", Mail: rest[name] ?? "varchar(100)" });
  return schemaOf(
    table("cars", columns("cars"), to("cars", "owners")),
    table("owners", columns("owners"), { keys: [key("PRIMARY", "id"), key("by_mail", "mail")] }),
    table("trips", columns("trips"), to("trips", "cars")),
  );
}
export const KEPT = { id: "keep" } as const;
