// Names and literals in SQL text.

/** Quotes an identifier: `` a`b `` becomes `` `a``b` ``. https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
export function quoteName(name: string): string {
  if (name === "" || name.includes("\0")) throw new TypeError("An identifier is empty or has a NUL character.");
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A table's qualified name: sessions have no default database, so statements always name theirs. */
export function quoteTable(database: string, table: string): string {
  return `${quoteName(database)}.${quoteName(table)}`;
}

/** A column list for use between parentheses. */
export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(", ");
}
