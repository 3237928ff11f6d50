// The servers that are measured, one after another: two at once would measure each other.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { ensureServer } from "../../deploy/local/servers/install-server.ts";
import { startServer } from "../../deploy/local/servers/start-server.ts";
import { removeRealMySql, startRealMySql } from "../support/real-mysql.ts";
import { admitRoot, connectionOptions, type TestServer } from "../support/servers.ts";

/** As an instance has that is sized for its data: the disk is not what is measured. */
const BUFFER_POOL_BYTES = 1024 ** 3;
const REDO_LOG_BYTES = 1024 ** 3;

/** Starts a server, which ends with the stack; undefined where it is not to be had. Two at a time have two names. */
export type OpenServer = (stack: AsyncDisposableStack, name?: string) => Promise<TestServer | undefined>;

/** @param wanted the beginning of a name; empty for all */
export function benchServers(directory: string, wanted: string, say: (sentence: string) => void): OpenServer[] {
  return [
    ...("MariaDB".startsWith(wanted) || wanted.startsWith("MariaDB") || wanted === "MySQL" ? [ownServer] : []),
    ...("MySQL 9.7".startsWith(wanted) ? [realServer] : []),
  ];

  async function ownServer(stack: AsyncDisposableStack, name = "bench"): Promise<TestServer> {
    const server = await startServer({
      name,
      directory: join(directory, `own-${name}`),
      binary: await ensureServer(say),
      flags: [`--innodb-buffer-pool-size=${BUFFER_POOL_BYTES}`, `--loose-innodb-log-file-size=${REDO_LOG_BYTES}`],
    });
    stack.defer(() => server.kill());
    return admitRoot(server);
  }

  async function realServer(stack: AsyncDisposableStack, name = "bench"): Promise<TestServer | undefined> {
    const folder = join(directory, `real-${name}`);
    await mkdir(folder);
    try {
      const server = await startRealMySql("9.7", folder);
      stack.defer(() => removeRealMySql(folder, `real-9.7-${server.port}`));
      const root = await createConnection(connectionOptions(server));
      await root.query(`SET GLOBAL innodb_buffer_pool_size = ${BUFFER_POOL_BYTES}`);
      await root.query(`SET GLOBAL innodb_redo_log_capacity = ${REDO_LOG_BYTES}`);
      await root.end();
      return server;
    } catch (error) {
      say(`Not on MySQL 9.7: ${(error as Error).message}.`);
      return undefined;
    }
  }
}
