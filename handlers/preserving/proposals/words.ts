// Names as their words, and whether two of them name one thing: `company_id`, `companyId` and the table `companies`.

/** Plurals that no ending tells. */
const IRREGULAR: Readonly<Record<string, string>> = {
  children: "child",
  criteria: "criterion",
  data: "datum",
  feet: "foot",
  geese: "goose",
  indices: "index",
  matrices: "matrix",
  media: "medium",
  men: "man",
  mice: "mouse",
  people: "person",
  teeth: "tooth",
  vertices: "vertex",
  women: "woman",
};

/** What a plural's ending may stand for: several readings are right, as in `movies` and `companies`. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/(?<=[^s])s$/, ""],
  [/ies$/, "y"],
  [/ves$/, "f"],
  [/ves$/, "fe"],
  [/(?<=s|x|z|ch|sh|o)es$/, ""],
];

/** `createdByUserId`, `created_by_user_id` and `CREATED-BY-USER-ID` are `created`, `by`, `user`, `id`. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, "_")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Whether both name one thing, in the singular or the plural, word for word or written together. */
export function isSameThing(some: readonly string[], others: readonly string[]): boolean {
  if (some.length === 0 || others.length === 0) return false;
  if (isSameWord(some.join(""), others.join(""))) return true;
  return some.length === others.length && some.every((word, i) => isSameWord(word, others[i] ?? ""));
}

function isSameWord(one: string, other: string): boolean {
  const forms = singularsOf(one);
  return singularsOf(other).some((form) => forms.includes(form));
}

/** The word itself, and whatever it may be the plural of. */
function singularsOf(word: string): string[] {
  const irregular = Object.hasOwn(IRREGULAR, word) ? [IRREGULAR[word] ?? word] : [];
  const regular = ENDINGS.filter(([ending]) => ending.test(word)).map(([ending, end]) => word.replace(ending, end));
  return [word, ...irregular, ...regular];
}
