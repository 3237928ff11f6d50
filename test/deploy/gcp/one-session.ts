// A process that opens one session, closes everything and has nothing more to do: started by databases.test.ts.
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { openCloudAuth } from "../../../deploy/gcp/auth.ts";
import { openCloudDatabases } from "../../../deploy/gcp/databases.ts";

const [contractJson = "", sqlAdmin = ""] = process.argv.slice(2);
const contract = JSON.parse(contractJson) as CloudContract;
const databases = openCloudDatabases(contract, {
  auth: openCloudAuth(contract),
  endpoints: { sqlAdmin },
  secrets: { read: async () => "wrong" },
});
try {
  const session = await databases.read("replica");
  await session.close();
  process.stdout.write("a session\n");
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}\n`);
}
await databases.close();
