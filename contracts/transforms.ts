// The transforms that sync.yaml may give to a column: their names, their options, and how they are written.
import { z } from "zod";
import { didYouMean } from "./nearest.ts";

/** Need no options. */
const PLAIN = [
  ...(["redact", "null", "empty", "keep"] as const),
  ...(["hash", "email", "digits", "phone", "username", "uuid", "ip", "url"] as const),
  ...(["year_only", "permute", "text", "blob"] as const),
] as const;

/** Made-up people and places, of a language. */
const LOCALIZED = ["name", "first_name", "last_name", "company", "address", "city", "postcode"] as const;

const LOCALES = ["en", "ja"] as const;
export type Locale = (typeof LOCALES)[number];

type Plain = Exclude<(typeof PLAIN)[number], "keep">;
type Localized = (typeof LOCALIZED)[number];

/** How one column's values are replaced. */
export type Transform =
  | { readonly name: "keep" }
  /** `domain`: equal values become equal in all columns of one; where it is left out, of one transform. */
  | { readonly name: Plain; readonly domain?: string }
  | { readonly name: Localized; readonly locale: Locale; readonly domain?: string }
  /** `of`: the column of the row whose masked name it is the reading of; its domain is that column's. */
  | { readonly name: "kana"; readonly locale: Locale; readonly domain?: string; readonly of?: string }
  | { readonly name: "fixed"; readonly value: string | number | boolean }
  /** Up to so many days earlier or later; the same for all rows with the same value in column `by`. */
  | { readonly name: "date_shift"; readonly days: number; readonly by?: string }
  /** Up to so many percent more or less. */
  | { readonly name: "noise"; readonly percent: number }
  /** By path: `$.contact.email`, `$.items[*].name`. What no path names is redacted. */
  | { readonly name: "json"; readonly paths: Readonly<Record<string, Transform>> }
  /** SQL with `{value}` and `{key}`. */
  | { readonly name: "expression"; readonly sql: string };
export type TransformName = Transform["name"];

const DEFAULT_LOCALE: Locale = "en";
const DEFAULT_DAYS = 30;
const DEFAULT_PERCENT = 10;

const BARE = [...PLAIN, ...LOCALIZED, "kana", "date_shift", "noise"] as const;

const Domain = z
  .string("is not a domain's name: text is expected.")
  .regex(/^[a-z][a-z0-9_-]{0,30}$/, "is not a domain's name: lower-case letters, digits, `_` and `-`, a letter first.")
  .meta({ description: "Equal values become equal in all columns of one domain. Left out: of one transform." });

const PlainOptions = z.strictObject(
  { domain: Domain.optional() },
  "is not options: a map such as `{ domain: phones }`.",
);
const LocalizedOptions = z.strictObject(
  {
    locale: z
      .enum(LOCALES, "is not a locale: `en` or `ja` is expected.")
      .optional()
      .meta({ description: "Whose names and places.", default: DEFAULT_LOCALE }),
    domain: Domain.optional(),
  },
  "is not options: a map such as `{ locale: ja }`.",
);

const KanaOptions = z.strictObject(
  {
    of: z.string("is not a column's name: text is expected.").optional().meta({
      description: "The column with the name that this is the reading of.",
    }),
    locale: z
      .enum(LOCALES, "is not a locale: `ja` is expected.")
      .optional()
      .meta({ description: "Only Japanese names have readings.", default: "ja" }),
    domain: Domain.optional(),
  },
  "is not options: a map such as `{ of: name }`.",
);

const FIXED =
  "is not a fixed value: text, a number, true or false is expected. For NULL write `null` as the transform.";

/** What can be said of a value in JSON, too: the names alone. */
const Bare = z.union([z.enum(BARE), z.null()], { error: ({ input }) => notATransform(input) });

const described = <Schema extends z.ZodType>(schema: Schema, description: string) =>
  schema.optional().meta({ description });

const WithOptions = z
  .strictObject({
    fixed: described(z.union([z.string(), z.number(), z.boolean()], FIXED), "The value that every row gets."),
    date_shift: described(
      z.strictObject({
        days: z.int("is not a number of days.").min(1).max(3650).optional().meta({
          description: "How far at most.",
          default: DEFAULT_DAYS,
        }),
        by: z.string("is not a column's name: text is expected.").optional().meta({
          description: "A column whose equal values shift alike, so that one person's dates keep their order.",
        }),
      }),
      "Dates are shifted.",
    ),
    noise: described(
      z.strictObject({
        percent: z.number("is not a number.").gt(0).max(100).optional().meta({
          description: "How much more or less at most.",
          default: DEFAULT_PERCENT,
        }),
      }),
      "Numbers are changed a little.",
    ),
    json: described(
      z.record(z.string().regex(/^\$/, "is not a path: it begins with `$`, as `$.email`."), Bare),
      "A transform for each path; what no path names is redacted.",
    ),
    expression: described(
      z.string("is not SQL: text is expected.").min(1),
      "SQL with {value} and {key}: the declared way out. Nothing is known of what it keeps.",
    ),
    kana: described(KanaOptions, "How a masked name is read."),
    ...(Object.fromEntries(
      PLAIN.filter((name) => name !== "keep").map((name) => [
        name,
        described(PlainOptions, `${name}, with a domain of its own.`),
      ]),
    ) as Record<Plain, z.ZodOptional<typeof PlainOptions>>),
    ...(Object.fromEntries(
      LOCALIZED.map((name) => [name, described(LocalizedOptions, `${name}, in a language.`)]),
    ) as Record<Localized, z.ZodOptional<typeof LocalizedOptions>>),
  })
  .refine((options) => Object.keys(options).length === 1, "is not a transform: one name with its options is expected.");

/** All names, those that need options too. */
export const TRANSFORMS = [...new Set([...BARE, ...Object.keys(WithOptions.shape)])] as readonly TransformName[];

/** A column's transform as it is written: `email`, `null`, `{ fixed: jp }`, `{ name: { locale: ja } }`. */
export const TransformInFile = z
  .union([z.enum(BARE), z.null(), WithOptions], { error: ({ input }) => notATransform(input) })
  .meta({ description: "How a column's values are replaced: docs/transforms.md lists them all." });
export type TransformInFile = z.infer<typeof TransformInFile>;

/** The transform with its options filled in. */
export function toTransform(written: TransformInFile): Transform {
  if (written === null) return { name: "null" };
  if (typeof written === "string") return bare(written);
  const { fixed, expression, json, ...others } = written;
  if (fixed !== undefined) return { name: "fixed", value: fixed };
  if (expression !== undefined) return { name: "expression", sql: expression };
  if (json !== undefined) {
    const paths = Object.entries(json).map(([path, at]) => [path, toTransform(at)] as const);
    return { name: "json", paths: Object.fromEntries(paths) };
  }
  const [name, options] = Object.entries(others)[0] ?? ["redact", {}];
  return { ...bare(name as (typeof BARE)[number]), ...options } as Transform;
}

function bare(name: (typeof BARE)[number]): Transform {
  if (name === "date_shift") return { name, days: DEFAULT_DAYS };
  if (name === "noise") return { name, percent: DEFAULT_PERCENT };
  if (name === "kana") return { name, locale: "ja" };
  if ((LOCALIZED as readonly string[]).includes(name)) return { name: name as Localized, locale: DEFAULT_LOCALE };
  return { name: name as Plain | "keep" };
}

function notATransform(input: unknown): string {
  const hint = typeof input === "string" ? didYouMean(input, BARE) : "";
  return `is not a transform: \`email\`, \`{ fixed: VALUE }\` or another of docs/transforms.md is expected.${hint}`;
}
