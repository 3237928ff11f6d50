// Values that depend on the masking key alone: HMAC-SHA256 in SQL, with its two pads in session variables.
// https://www.rfc-editor.org/rfc/rfc2104: safe against length extension, and the key is in no statement's text.
import { createHash, createHmac } from "node:crypto";
import type { ReadSession } from "../../contracts/platform.ts";

const BLOCK_BYTES = 64; // SHA-256's
const INNER = "understudy_inner";
const OUTER = "understudy_outer";
const PROOF = "understudy_proof";

/** Bytes of a proof digest: no two of a billion values share 128 bits by chance. */
export const PROOF_DIGEST_BYTES = 16;

/**
 * SQL for the keyed hash of a value, in 64 lower-case hexadecimal digits; NULL for NULL.
 *
 * @param domain keeps transforms apart: an e-mail's hash does not tell its masked address.
 * @param value SQL for bytes that are the same for the same value, whichever column it stands in.
 */
export function keyedHash(domain: string, value: string): string {
  return `SHA2(CONCAT(@${OUTER}, UNHEX(SHA2(CONCAT(@${INNER}, '${domain}:', ${value}), 256))), 256)`;
}

/**
 * SQL for a digest of any column's value, which stays the same while the value does.
 *
 * One round does here what HMAC needs two for: nobody can extend a digest into another row's.
 */
export function proofDigest(value: string): string {
  return `LEFT(UNHEX(SHA2(CONCAT(@${PROOF}, ${value}), 256)), ${PROOF_DIGEST_BYTES})`;
}

/** Gives a session the variables that the SQL above reads. */
export async function setKey(session: Pick<ReadSession, "setVariable">, key: Buffer): Promise<void> {
  const block = Buffer.alloc(BLOCK_BYTES);
  (key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key).copy(block);
  await session.setVariable(INNER, xor(block, 0x36));
  await session.setVariable(OUTER, xor(block, 0x5c));
  await session.setVariable(PROOF, createHmac("sha256", key).update("proof").digest());
}

/** Tells whether two calls meant the same work with the same key, and tells neither. */
export function fingerprint(key: Buffer, work: string): string {
  return createHmac("sha256", key).update(`fingerprint:${work}`).digest("hex");
}

function xor(block: Buffer, pad: number): Buffer {
  return Buffer.from(block.map((byte) => byte ^ pad));
}
