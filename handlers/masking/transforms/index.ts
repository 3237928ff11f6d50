// All transforms by name.
import type { Transform } from "../../../contracts/sync-contract.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { fixed } from "./fixed.ts";
import { kana } from "./kana.ts";
import { email, hash } from "./keyed-text.ts";
import { text } from "./lorem.ts";
import { company, person } from "./people.ts";
import { address, city, postcode } from "./places.ts";
import { redact } from "./redact.ts";
import type { Apply, Masked, MaskingTransform, Misfit, Named, TransformOf } from "./transform.ts";

export type { Masked, MaskingTransform, Misfit, TransformOf } from "./transform.ts";

const pending = (transform: MaskingTransform): Misfit => ({
  fits: false,
  reason: `\`${transform.name}\` is not there yet`,
});

const transforms: { readonly [Name in MaskingTransform["name"]]: Apply<Named<Name>> } = {
  redact: (_transform, column) => redact(column),
  null: (_transform, column) =>
    column.nullable
      ? { fits: true, sql: "NULL", unchanged: "FALSE", distinctWithin: 0 }
      : { fits: false, reason: "`null` needs a column that may be NULL" },
  fixed: ({ value }, column) => fixed(column, value),
  hash,
  email,
  // texts.ts, numbers.ts, dates.ts
  empty: pending,
  digits: pending,
  phone: pending,
  username: pending,
  uuid: pending,
  ip: pending,
  url: pending,
  year_only: pending,
  date_shift: pending,
  noise: pending,
  // people.ts, kana.ts, places.ts, lorem.ts
  name: person,
  first_name: person,
  last_name: person,
  kana,
  company,
  address,
  city,
  postcode,
  text,
  // json.ts, blob.ts, expression.ts, permute.ts
  json: pending,
  blob: pending,
  expression: pending,
  permute: pending,
};

export function isMasking(transform: Transform): transform is MaskingTransform {
  return transform.name !== "keep";
}

/** The transform's SQL for a column. NULL stays NULL, except under `fixed`. */
export function applyTransform(
  transform: MaskingTransform,
  column: Column,
  table: Table,
  transformOf: TransformOf = () => undefined,
): Masked | Misfit {
  const apply = transforms[transform.name] as Apply<MaskingTransform>;
  return apply(transform, column, table, transformOf);
}
