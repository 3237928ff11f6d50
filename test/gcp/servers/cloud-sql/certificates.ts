// X.509 certificates, written out in DER: node:crypto reads them and makes none. https://www.rfc-editor.org/rfc/rfc5280
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";

export interface Subject {
  readonly commonName: string;
  readonly organizationalUnit?: string;
}

export interface Issuer {
  readonly subject: Subject;
  readonly key: KeyObject;
  /** The authority's own, in PEM. */
  readonly certificate: string;
}

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 24 * 3_600_000;

/** An authority of its own. */
export function createAuthority(commonName: string): Issuer {
  const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = { commonName };
  const certificate = write({
    subject,
    issuer: { subject, key },
    publicKey,
    validMs: DAY_MS,
    extensions: [IS_AUTHORITY],
  });
  return { subject, key, certificate };
}

/** A certificate for a key that is made here. */
export function createIdentity(issuer: Issuer, subject: Subject): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = write({ subject, issuer, publicKey, validMs: DAY_MS });
  return { certificate, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Certifies somebody else's public key, in PEM. Throws an Error where it is none. */
export function certify(issuer: Issuer, subject: Subject, publicKey: string, validMs: number): X509Certificate {
  return new X509Certificate(write({ subject, issuer, publicKey: createPublicKey(publicKey), validMs }));
}

const TAG = {
  ...{ boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, utf8: 0x0c },
  ...{ utcTime: 0x17, sequence: 0x30, set: 0x31, version: 0xa0, extensions: 0xa3 },
} as const;

/** Object identifiers, as DER has them. */
const OID = {
  commonName: "550403",
  organizationalUnit: "55040b",
  basicConstraints: "551d13",
  ecdsaSha256: "2a8648ce3d040302",
};

function der(tag: keyof typeof TAG, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([TAG[tag], ...size]), body]);
}

const oid = (name: keyof typeof OID) => der("oid", Buffer.from(OID[name], "hex"));
const ALGORITHM = der("sequence", oid("ecdsaSha256"));
const TRUE = der("boolean", Buffer.from([0xff]));
const IS_AUTHORITY = der("sequence", oid("basicConstraints"), TRUE, der("octetString", der("sequence", TRUE)));

function write(options: {
  readonly subject: Subject;
  readonly issuer: Pick<Issuer, "subject" | "key">;
  readonly publicKey: KeyObject;
  readonly validMs: number;
  readonly extensions?: readonly Buffer[];
}): string {
  const { subject, issuer, publicKey, validMs, extensions = [] } = options;
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]); // positive
  const content = der(
    "sequence",
    der("version", der("integer", Buffer.from([2]))),
    der("integer", serial),
    ALGORITHM,
    nameOf(issuer.subject),
    der("sequence", timeOf(Date.now() - 60_000), timeOf(Date.now() + validMs)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    ...(extensions.length > 0 ? [der("extensions", der("sequence", ...extensions))] : []),
  );
  const signature = sign("sha256", content, issuer.key);
  const certificate = der("sequence", content, ALGORITHM, der("bitString", Buffer.from([0]), signature));
  return new X509Certificate(certificate).toString();
}

function nameOf({ commonName, organizationalUnit }: Subject): Buffer {
  const part = (type: keyof typeof OID, value: string) =>
    der("set", der("sequence", oid(type), der("utf8", Buffer.from(value))));
  const unit = organizationalUnit === undefined ? [] : [part("organizationalUnit", organizationalUnit)];
  return der("sequence", ...unit, part("commonName", commonName));
}

/** `261122201500Z` */
function timeOf(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/\D/g, "");
  return der("utcTime", Buffer.from(`${digits.slice(2, 14)}Z`));
}
