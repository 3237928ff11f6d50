// A contract as a newcomer has it: the sample's servers, and of masking what `understudy classify` proposes.
import { entryOf, propose, writeEntries } from "../../handlers/masking/classifying/index.ts";
import { indent } from "../../handlers/masking/classifying/first-contract.ts";
import { readSchema } from "../../handlers/mysql/schema.ts";
import { openReadSession } from "../../handlers/mysql/session.ts";
import type { TestServer } from "./servers.ts";

/** @returns for `edit` of a pipeline: everything after `tables:` is of the database, and nothing is preserved */
export function classified(
  { host, port, user, password }: TestServer,
  database: string,
  more = "",
): (sample: string) => Promise<string> {
  return async (sample) => {
    const session = await openReadSession("production", { host, port, user, password });
    try {
      const proposals = propose({ key: "", unlisted: "stop", tables: {} }, await readSchema(session, database));
      const tables = indent(writeEntries(proposals.map((proposal) => entryOf(proposal))), 4);
      return `${sample.slice(0, sample.indexOf("  tables:\n"))}  tables:\n${tables}${more}`;
    } finally {
      await session.close();
    }
  };
}
