// All transforms by name.
import type { Transform } from "../../../contracts/sync-contract.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { dateShift, yearOnly } from "./dates.ts";
import { digits } from "./digits.ts";
import { expression } from "./expression.ts";
import { blob } from "./blob.ts";
import { fixed } from "./fixed.ts";
import { ip } from "./ip.ts";
import { json } from "./json.ts";
import { kana } from "./kana.ts";
import { email, hash } from "./keyed-text.ts";
import { text } from "./lorem.ts";
import { noise } from "./numbers.ts";
import { company, person } from "./people.ts";
import { permute } from "./permute.ts";
import { phone } from "./phone.ts";
import { address, city, postcode } from "./places.ts";
import { redact } from "./redact.ts";
import { empty, username } from "./texts.ts";
import { url } from "./url.ts";
import { uuid } from "./uuid.ts";
import type { Apply, Masked, MaskingTransform, Misfit, Named, TransformOf } from "./transform.ts";

export type { Masked, MaskingTransform, Misfit, TransformOf } from "./transform.ts";

const transforms: { readonly [Name in MaskingTransform["name"]]: Apply<Named<Name>> } = {
  redact: (_transform, column) => redact(column),
  null: (_transform, column) =>
    column.nullable
      ? { fits: true, sql: "NULL", unchanged: "FALSE", distinctWithin: 0 }
      : { fits: false, reason: "`null` needs a column that may be NULL" },
  fixed: ({ value }, column) => fixed(column, value),
  hash,
  email,
  // texts.ts, digits.ts, phone.ts, uuid.ts, ip.ts, url.ts, dates.ts, numbers.ts
  empty,
  digits,
  phone,
  username,
  uuid,
  ip,
  url,
  year_only: yearOnly,
  date_shift: dateShift,
  noise,
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
  json: (transform, column, table) =>
    json(transform, column, (other, own) => {
      const masked = applyTransform(other, own, table);
      return masked.fits ? undefined : masked;
    }),
  blob,
  expression,
  permute,
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
