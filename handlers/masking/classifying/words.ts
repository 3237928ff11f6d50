// Names of columns and tables, split into words: `firstName`, `first_name` and `FIRST-NAME` are alike.

/** `userEMail2` → `user e mail 2`. Words of one letter that humps have torn off stay apart. */
export function phraseOf(name: string): string {
  return name
    .normalize("NFKC")
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replaceAll(/(\p{L})(\d)/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(" ");
}

/** Numbers and languages at the end tell apart columns of one meaning: `tel 2`, `name ja`. */
export function withoutVariant(phrase: string): string {
  return phrase.replace(/(?: (?:\d+|en|ja|jp|jpn|eng|de|fr|es|zh|ko|local))+$/, "");
}

/**
 * A test for whole words: `any` of the alternatives among them, or as their end (`head`: what an English compound is).
 *
 * @param alternatives regular expressions with a space between words: `first name|fname`
 */
export function words(alternatives: string): { readonly any: RegExp; readonly head: RegExp } {
  return { any: new RegExp(`(?:^| )(?:${alternatives})(?= |$)`), head: new RegExp(`(?:^| )(?:${alternatives})$`) };
}
