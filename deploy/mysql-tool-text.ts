// What mysqldump and mysql print when they stop, read for its numbers alone: the text may quote a row.

/** As the tool printed them. */
export interface ToolErrorNumbers {
  readonly errno?: number;
  readonly sqlState?: string;
  readonly line?: number;
}

/** The operating system's number in `Got errno 28 on write`: what keeps a dump tool from writing its dump. */
export function readWriteErrno(said: string): number | undefined {
  const found = /\bGot errno (\d+) on write/.exec(said)?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * The numbers in `ERROR 1062 (23000) at line 12: …`, `Got error: 1045: …`, `Error 2013: …` or `Couldn't execute …: … (1142)`.
 */
export function readError(said: string): ToolErrorNumbers {
  const direct = /\berror:? (\d{4,5})(?: \((\w{5})\))?(?: at line (\d+))?/i.exec(said);
  const errno = direct?.[1] ?? /\((\d{4,5})\)\s*$/m.exec(said)?.[1];
  return {
    ...(errno === undefined ? {} : { errno: Number(errno) }),
    ...(direct?.[2] === undefined ? {} : { sqlState: direct[2] }),
    ...(direct?.[3] === undefined ? {} : { line: Number(direct[3]) }),
  };
}
