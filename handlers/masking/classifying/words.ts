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
  return phrase.replace(/(?: (?:\d+|en|ja|jp|jpn|eng|de|fr|es|zh|ko|local|kanji))+$/, "");
}

export interface Words {
  /** The words stand anywhere in a phrase. */
  readonly any: RegExp;
  /** They are its last: what an English compound is. A `phone type` is no phone. */
  readonly head: RegExp;
  /** They are all of it. */
  readonly whole: RegExp;
}

/** @param alternatives regular expressions with a space between words: `first name|fname` */
export function words(alternatives: string): Words {
  return {
    any: new RegExp(`(?:^| )(?:${alternatives})(?= |$)`),
    head: new RegExp(`(?:^| )(?:${alternatives})$`),
    whole: new RegExp(`^(?:${alternatives})$`),
  };
}
