// Where the connector connects to: an instance's own address, port 3307, TLS with certificates of the instance's making.
// https://cloud.google.com/sql/docs/mysql/connect-connectors
import type { X509Certificate } from "node:crypto";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { certify, createAuthority, createIdentity } from "./certificates.ts";

/** The connector knows no other. */
const PORT = 3307;
/** https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/connect/generateEphemeralCert */
const CERTIFICATE_MS = 3_600_000;
/** Marks a certificate that an access token was given for. */
const IAM = "iam";

export interface Proxy {
  /** A loopback address that no other instance has. (macOS knows only 127.0.0.1; there these tests do not run.) */
  readonly address: string;
  /** In PEM: who connects trusts this and no other. */
  readonly serverCa: string;
  /**
   * Certifies a client's public key, in PEM, for an hour.
   *
   * @param login whether the certificate stands for an IAM database login as this account.
   */
  certify(email: string, publicKey: string, login: boolean): X509Certificate;
  close(): Promise<void>;
}

/**
 * Starts an instance's proxy to its MySQL server.
 *
 * @param options.name `project:instance`, as the server's certificate has it.
 * @param options.comesFrom the loopback address from which an IAM login reaches the MySQL server: its account is good from
 * there alone. Any other session comes from 127.0.0.1, so the MySQL server itself refuses it as that account.
 */
export async function startProxy(options: {
  readonly name: string;
  readonly target: { readonly host: string; readonly port: number };
  readonly comesFrom: (email: string) => string | undefined;
  readonly onConnect: (email: string) => void;
}): Promise<Proxy> {
  const { name, target, comesFrom, onConnect } = options;
  const servers = createAuthority(`Google Cloud SQL Server CA for ${name}`);
  const clients = createAuthority(`Google Cloud SQL Client CA for ${name}`);
  const { certificate: cert, key } = createIdentity(servers, { commonName: name });
  const sockets = new Set<TLSSocket>();

  const create = () =>
    createServer({ cert, key, ca: clients.certificate, requestCert: true, minVersion: "TLSv1.3" }, (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      const { CN: email, OU: unit } = socket.getPeerCertificate().subject;
      onConnect(String(email));
      const localAddress = unit === IAM ? comesFrom(String(email)) : undefined;
      const upstream = connect({ ...target, ...(localAddress === undefined ? {} : { localAddress }) });
      socket.pipe(upstream).pipe(socket);
      for (const [side, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        side.on("error", () => undefined).once("close", () => other.destroy());
      }
    });
  const { server, address } = await listen(create);
  return {
    address,
    serverCa: servers.certificate,
    certify: (email, publicKey, login) =>
      certify(clients, { commonName: email, ...(login ? { organizationalUnit: IAM } : {}) }, publicKey, CERTIFICATE_MS),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Any of 127.16.0.0 to 127.254.255.255: many tests draw at the same time. */
export function drawLoopbackAddress(): string {
  return `127.${randomInt(16, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

async function listen(create: () => Server): Promise<{ server: Server; address: string }> {
  for (;;) {
    const [server, address] = [create(), drawLoopbackAddress()];
    server.on("tlsClientError", () => undefined); // refused: the client hears of it
    server.listen(PORT, address);
    try {
      await once(server, "listening");
      return { server, address };
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    }
  }
}
