// Reads the SQL of a generated column or of a functional key, as servers write it back, as far as it is known what it does.

/** `other`: an operator, or whatever else is not read here; it is known by the columns that it names alone. */
export type Expression =
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "literal" }
  | { readonly kind: "null" }
  /** The function's name in lower case. */
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  /** IF() and CASE WHEN: one of the values, by what the conditions name. Without ELSE one of them is NULL. */
  | { readonly kind: "choice"; readonly conditions: Expression; readonly values: readonly Expression[] }
  | { readonly kind: "other"; readonly columns: readonly string[] };

/** Of text only what has no quote, backslash or backtick in it: MySQL writes these in more ways than one. */
const TOKENS =
  /`(?<name>(?:[^`]|``)+)`|(?<text>(?:_\w+)?(?:'[^'\\`]*'|\\'[^'\\`]*\\'))|(?<number>\d+(?:\.\d+)?)(?![\w.])|(?<word>[a-z_]\w*)|(?<sign>[(),])|(?<unknown>\S)/giu;

type Token = Readonly<Partial<Record<"name" | "text" | "number" | "word" | "sign" | "unknown", string>>>;

/** @returns undefined where it is not even known which columns are named */
export function readExpression(sql: string): Expression | undefined {
  const tokens = [...sql.matchAll(TOKENS)].map(({ groups }): Token => groups ?? {});
  // A quote that is left over: where its text ends, and what is a name behind it, is anyone's guess.
  const isTorn = tokens.some(({ unknown }) => unknown !== undefined && "'\"\\`".includes(unknown));
  return isTorn ? undefined : new Reader(tokens).readAll();
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  readAll(): Expression {
    const read = this.#readUntil([]);
    return this.#at === this.#tokens.length ? read : other(this.#tokens);
  }

  /** One expression, up to a comma or parenthesis that is not its own, or to one of the words. */
  #readUntil(words: readonly string[]): Expression {
    const start = this.#at;
    const read = this.#readOne();
    // It changes how a value compares, and not the value.
    if (this.#takeWord("collate")) this.#at++;
    if (read && this.#isEnd(words)) return read;
    this.#at = start;
    for (let depth = 0; this.#at < this.#tokens.length && (depth > 0 || !this.#isEnd(words)); this.#at++) {
      const sign = this.#tokens[this.#at]?.sign;
      if (sign === "(") depth++;
      if (sign === ")") depth--;
    }
    return other(this.#tokens.slice(start, this.#at));
  }

  #isEnd(words: readonly string[]): boolean {
    const token = this.#tokens[this.#at];
    return token === undefined || token.sign === "," || token.sign === ")" || words.includes(wordOf(token));
  }

  #readOne(): Expression | undefined {
    const token = this.#tokens[this.#at++];
    if (!token) return undefined;
    const name = nameOf(token);
    if (name !== undefined) return { kind: "column", name };
    if (token.text !== undefined || token.number !== undefined) return { kind: "literal" };
    if (token.sign === "(") {
      const inner = this.#readUntil([]);
      return this.#take(")") ? inner : undefined;
    }
    const word = wordOf(token);
    if (word === "null") return { kind: "null" };
    if (word === "case") return this.#readCase();
    return word !== "" && this.#take("(") ? this.#readCall(word) : undefined;
  }

  #readCall(name: string): Expression | undefined {
    const args: Expression[] = [];
    do args.push(this.#readUntil([]));
    while (this.#take(","));
    if (!this.#take(")")) return undefined;
    const [condition, ...values] = args;
    return name === "if" && condition && values.length === 2
      ? { kind: "choice", conditions: condition, values }
      : { kind: "call", name, args };
  }

  /** `case when … then … else … end`; one that compares a value (`case a when 1 …`) is not read. */
  #readCase(): Expression | undefined {
    const conditions: string[] = [];
    const values: Expression[] = [];
    while (this.#takeWord("when")) {
      conditions.push(...columnsOf(this.#readUntil(["then"])));
      if (!this.#takeWord("then")) return undefined;
      values.push(this.#readUntil(["when", "else", "end"]));
    }
    if (this.#takeWord("else")) values.push(this.#readUntil(["end"]));
    if (values.length === 0 || !this.#takeWord("end")) return undefined;
    return { kind: "choice", conditions: { kind: "other", columns: conditions }, values };
  }

  #take(sign: string): boolean {
    if (this.#tokens[this.#at]?.sign !== sign) return false;
    this.#at++;
    return true;
  }

  #takeWord(word: string): boolean {
    if (wordOf(this.#tokens[this.#at]) !== word) return false;
    this.#at++;
    return true;
  }
}

/** All columns that an expression names. */
export function columnsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "column":
      return [expression.name];
    case "call":
      return expression.args.flatMap(columnsOf);
    case "choice":
      return [expression.conditions, ...expression.values].flatMap(columnsOf);
    case "other":
      return expression.columns;
    case "literal":
    case "null":
      return [];
  }
}

function other(tokens: readonly Token[]): Expression {
  return { kind: "other", columns: tokens.flatMap((token) => nameOf(token) ?? []) };
}

function nameOf({ name }: Token): string | undefined {
  return name?.replaceAll("``", "`");
}

function wordOf(token: Token | undefined): string {
  return token?.word?.toLowerCase() ?? "";
}
