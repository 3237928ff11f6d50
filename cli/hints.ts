// What to type next.
import type { CommandContext } from "./command.ts";

/** `` `npx understudy show RUN --contract my.yaml` ``: a command for the contract at hand. */
export function commandHint({ options }: Pick<CommandContext, "options">, words: string): string {
  const contract = options["contract"];
  return `\`npx understudy ${words}${typeof contract === "string" ? ` --contract ${quoteWord(contract)}` : ""}\``;
}

function quoteWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
