// Collations on a server that has other ones than the dump's.
import type { Edit, Statement } from "./statement.ts";

/** What `utf8mb4` alone means in a dump. */
const COLLATION = "utf8mb4_general_ci";

/**
 * Spells out the collation where a table or a column has `utf8mb4` without one.
 *
 * That is how MySQL up to 5.7 and MariaDB up to 10.11 write their default, utf8mb4_general_ci. On MySQL 8 and MariaDB 11
 * the same words would mean another collation, by which other values are equal in unique keys and joins; these servers
 * always name theirs. https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_default_collation_for_utf8mb4
 */
export function spellOutCollations({ kind, tokens }: Statement): Edit[] {
  if (kind !== "CREATE TABLE") return [];
  let depth = 0;
  return tokens.flatMap(({ keyword, source, end }, at) => {
    if (source === "(") depth++;
    if (source === ")") depth--;
    // Columns are one deep and the table's options none; deeper are expressions, such as CAST(… AS CHAR CHARSET utf8mb4).
    if (depth > 1 || keyword !== "UTF8MB4" || tokens[at + 1]?.keyword === "COLLATE") return [];
    const before = tokens[at - 1]?.source === "=" ? tokens[at - 2] : tokens[at - 1];
    return ["CHARSET", "SET"].includes(before?.keyword ?? "")
      ? [{ start: end, end, text: ` COLLATE ${COLLATION}` }]
      : [];
  });
}

/** Collations of one kind of server, and a comment that only servers run which have them. */
const SERVERS_OWN = [
  { name: /^UTF8MB4_(?:\w+_)?0900_/, opening: "/*!80000" }, // MariaDB passes over the versions 50700 to 99999
  { name: /_UCA1400_/, opening: "/*M!101000" },
] as const;

/**
 * Lets servers pass over the `collation_connection` of a view or trigger where they do not have that collation.
 *
 * It is the one in which texts in its definition are compared with each other; columns are compared in their own.
 * https://mariadb.com/kb/en/comment-syntax/
 */
export function guardConnectionCollation({ kind, tokens, source }: Statement): Edit[] {
  const [, variable, , value] = tokens;
  if (kind !== "SET" || tokens.length !== 4 || variable?.keyword !== "COLLATION_CONNECTION" || !value) return [];
  const guard = SERVERS_OWN.find(({ name }) => name.test(value.keyword));
  if (!guard) return [];
  return [{ start: 0, end: source.length, text: `${guard.opening} SET collation_connection = ${value.source} */` }];
}
