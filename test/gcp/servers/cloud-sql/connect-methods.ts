// What the connector asks for before it connects: where the instance is, and a certificate for its own key.
import { createHash, X509Certificate } from "node:crypto";
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import { ApiError, type Authorize } from "../http.ts";
import { INSTANCE, instanceOf, type Methods } from "./api.ts";
import { instanceResource } from "./instance.ts";

export function connectMethods(authorize: Authorize): Methods {
  return [
    {
      name: "connect.get",
      route: `GET ${INSTANCE}/connectSettings`,
      permission: "cloudsql.instances.get",
      answer(request): sqladmin_v1.Schema$ConnectSettings {
        const { definition, proxy } = instanceOf(request);
        const { ipAddresses, region, databaseVersion, backendType, dnsName, dnsNames, settings, connectionName } =
          instanceResource(definition, proxy.address);
        return {
          kind: "sql#connectSettings",
          serverCaCert: sslCert(new X509Certificate(proxy.serverCa), definition.name),
          serverCaMode: "GOOGLE_MANAGED_INTERNAL_CA",
          pscEnabled: settings?.ipConfiguration?.pscConfig?.pscEnabled ?? false,
          ...defined({ ipAddresses, region, databaseVersion, backendType, connectionName, dnsName, dnsNames }),
        };
      },
    },
    {
      name: "connect.generateEphemeralCert",
      route: `POST ${INSTANCE}\\:generateEphemeralCert`,
      permission: "cloudsql.instances.connect",
      answer(request): sqladmin_v1.Schema$GenerateEphemeralCertResponse {
        const { definition, proxy } = instanceOf(request);
        const body = request.body as sqladmin_v1.Schema$GenerateEphemeralCertRequest;
        const { public_key: publicKey, access_token: token } = body;
        const holder = token ? authorize(token) : undefined;
        if (token && holder === undefined) throw invalid("The access token is not valid.");
        // Without it there is a certificate all the same; the database lets nobody in with it.
        const permission = "cloudsql.instances.login";
        const login = holder !== undefined && request.may({ email: holder, permission, instance: definition.name });
        try {
          const certificate = proxy.certify(holder ?? request.email, publicKey ?? "", login);
          return { ephemeralCert: sslCert(certificate, definition.name) };
        } catch {
          throw invalid("The public key cannot be read.");
        }
      },
    },
  ];
}

function sslCert(certificate: X509Certificate, instance: string): sqladmin_v1.Schema$SslCert {
  return {
    kind: "sql#sslCert",
    instance,
    cert: certificate.toString(),
    certSerialNumber: BigInt(`0x${certificate.serialNumber}`).toString(),
    commonName: /CN=(.*)/.exec(certificate.subject)?.[1] ?? "",
    createTime: certificate.validFromDate.toISOString(),
    expirationTime: certificate.validToDate.toISOString(),
    sha1Fingerprint: createHash("sha1").update(certificate.raw).digest("hex"),
  };
}

function invalid(message: string): ApiError {
  return new ApiError(400, message, { reason: "invalid" });
}

/** Without the fields that are undefined. */
function defined<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
