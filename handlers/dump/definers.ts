// Who a view, trigger, routine or event runs as. Accounts of the source do not exist on the target, and naming another
// account needs SUPER (error 1227 at import, 1449 at first use).
import type { Edit, Statement } from "./statement.ts";
import type { Token } from "./tokens.ts";

/** What may stand between CREATE or ALTER and DEFINER; without that, `definer = 'x'` is a comparison. */
const BEFORE_DEFINER = new Set(["OR", "REPLACE", "AGGREGATE", "ALGORITHM", "UNDEFINED", "MERGE", "TEMPTABLE"]);

/** Takes out `DEFINER=…`, so that the importing user becomes the definer. */
export function dropDefiners({ tokens, source }: Statement): Edit[] {
  return tokens.flatMap((token, at) => {
    if (token.keyword !== "DEFINER" || tokens[at + 1]?.source !== "=" || !isInHead(tokens, at)) return [];
    const end = endOfAccount(tokens, at + 2);
    const blanks = /^ */.exec(source.slice(end))![0].length;
    return [{ start: token.start, end: end + blanks, text: "" }];
  });
}

/** `SQL SECURITY DEFINER` becomes `INVOKER`: who reads a view then needs rights on its tables, and no definer any. */
export function runAsInvoker({ tokens }: Statement): Edit[] {
  return tokens
    .filter(
      ({ keyword }, at) =>
        keyword === "DEFINER" && tokens[at - 1]?.keyword === "SECURITY" && tokens[at - 2]?.keyword === "SQL",
    )
    .map(({ start, end }) => ({ start, end, text: "INVOKER" }));
}

function isInHead(tokens: readonly Token[], at: number): boolean {
  let before = at - 1;
  while (BEFORE_DEFINER.has(tokens[before]?.keyword ?? "") || tokens[before]?.source === "=") before--;
  return ["CREATE", "ALTER"].includes(tokens[before]?.keyword ?? "");
}

/** The index behind an account, which begins at token `at`: `` `root`@`%` ``, `root@localhost`, `CURRENT_USER()`. */
function endOfAccount(tokens: readonly Token[], at: number): number {
  let last = at;
  const next = tokens[at + 1];
  if (next?.source === "(") last = at + 2;
  else if (next?.source === "@") last = at + 2;
  else if (next?.kind === "variable") last = at + 1;
  return (tokens[last] ?? tokens[at - 1]!).end;
}
