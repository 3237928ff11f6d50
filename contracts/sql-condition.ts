// A condition in sync.yaml is put between parentheses in a statement of ours: it must not get out of them.

/** Text in quotes, and comments, up to their ends or the text's. In a comment `/*!` MySQL runs what it has inside. */
const PIECES =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`]|``)*`|(?:#|--(?=[\s\p{Cc}]|$))[^\n]*|\/\*(?!!|M!)[\s\S]*?\*\/|[\s\S]/gu;

/** Whether the text stays one expression between parentheses: all that it opens is closed, and no more than that. */
export function isOneCondition(sql: string): boolean {
  let depth = 0;
  for (const [piece] of sql.matchAll(PIECES)) {
    if (piece === "(") depth++;
    if (piece === ")") depth--;
    // A quote or a comment that is alone has no end.
    if (depth < 0 || [";", "'", '"', "`", "\0"].includes(piece)) return false;
  }
  return depth === 0 && !/\/\*/.test(sql.replaceAll(PIECES, (piece) => (piece.length > 1 ? " " : piece)));
}
