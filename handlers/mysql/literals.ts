// Values as literals in SQL text, for statements that cannot take `?`: it would also be replaced inside quoted names.

/** A text literal in the session's character set; right under the pinned sql_mode, where a backslash escapes. */
export function textLiteral(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\0", "\\0")}'`;
}

/** The same bytes, whatever they stand for: `x'00ff'`, or `_latin1 x'e9'` for text of a character set. */
export function bytesLiteral(hex: string, characterSet?: string | null): string {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw new TypeError("Not hexadecimal.");
  return `${characterSet ? `_${characterSet} ` : ""}x'${hex}'`;
}
