// An instance that is up: its MySQL server, the accounts on it, the address where it takes connections.
import { type InstanceDefinition, iamUserName, takesIamLogins } from "./instance.ts";
import { type Backend, openBackend } from "./mysql.ts";
import { drawLoopbackAddress, type Proxy, startProxy } from "./proxy.ts";

export interface RunningInstance {
  readonly definition: InstanceDefinition;
  readonly backend: Backend;
  readonly proxy: Proxy;
  close(): Promise<void>;
}

/** @param onConnect told which account opened a session through the instance's address */
export async function startInstance(
  definition: InstanceDefinition,
  onConnect: (email: string) => void,
): Promise<RunningInstance> {
  const { project, name, server, iamUsers = [] } = definition;
  const backend = await openBackend(server);
  const addresses = new Map(iamUsers.map(({ email }) => [email, drawLoopbackAddress()]));
  await backend.asAdmin(async (admin) => {
    for (const { email, privileges } of iamUsers) {
      const account = [iamUserName(email), addresses.get(email)];
      await admin.query("CREATE USER ?@?", account);
      for (const privilege of privileges) await admin.query(`GRANT ${privilege} TO ?@?`, account);
    }
  });
  const proxy = await startProxy({
    ...{ name: `${project}:${name}`, target: server, onConnect },
    comesFrom: (email) => (takesIamLogins(definition) ? addresses.get(email) : undefined),
  });
  return {
    ...{ definition, backend, proxy },
    async close() {
      await proxy.close();
      await backend.asAdmin(async (admin) => {
        for (const [email, address] of addresses) await admin.query("DROP USER ?@?", [iamUserName(email), address]);
      });
      await backend.close();
    },
  };
}
