// Whether the servers can hold what they are to load: before production is exported, and for a dump that was put into
// the inbox before staging is touched.
import type { StageContext } from "../contracts/stage.ts";
import { checkFits } from "./mysql/fit.ts";
import { together } from "./together.ts";

/** Who loads in turn what `from` has. */
const READERS = { production: ["replica", "staging"], replica: ["staging"] } as const;

/** @throws FatalError `SCHEMA_DOES_NOT_FIT` */
export async function checkServersFit(
  { platform, contract }: Pick<StageContext, "platform" | "contract">,
  from: keyof typeof READERS,
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const open = async (role: "production" | "replica" | "staging") =>
    opened.adopt(await platform.databases.read(role), (session) => session.close());
  const [source, ...readers] = await together([open(from), ...READERS[from].map(open)]);
  for (const reader of readers) await checkFits(source, contract[from].database, reader, contract.collations);
}
