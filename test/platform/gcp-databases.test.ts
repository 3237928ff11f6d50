// Cloud SQL and Secret Manager keep what contracts/platform.ts promises of databases and secrets.
import { openDatabasesWorld, PROJECT } from "../deploy/gcp/open-databases.ts";
import { describeDatabases } from "./databases-suite.ts";
import { instanceOn } from "./world.ts";
import { mainServer } from "../support/servers.ts";

describeDatabases(
  "gcp",
  async (t, instances = {}) => {
    const anywhere = instanceOn(mainServer(), "unused");
    const servers = { production: anywhere, replica: anywhere, staging: anywhere, ...instances };
    return { platform: await openDatabasesWorld(t, { servers }) };
  },
  `secret://${PROJECT}/no-such-secret`,
);
