/** What is kept of a key: HMAC-SHA-256 under the server's pepper. Without the pepper a stolen store proves nothing. */
import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "@dragoman/llm";

export interface KeyDigester {
  /** 32 bytes. An HMAC, some ten microseconds. */
  digest(key: string): Buffer;
  /** The digest of a key that was proved before, for a tenth of that; undefined for any other. */
  provedDigest(key: string): Buffer | undefined;
  /** Remembers the digest of a key that holds. */
  proved(key: string, digest: Buffer): void;
  /** Tells one pepper from another without telling either. */
  readonly fingerprint: string;
}

const FINGERPRINT_LENGTH = 16;
/** Keys in use whose digests are kept at hand; at so many all are forgotten. */
const PROVED_MAX = 10_000;

export function createKeyDigester(pepper: Secret): KeyDigester {
  const secret = createSecretKey(pepper.reveal(), "utf8");
  const digest = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  const proved = new Map<string, Buffer>();
  // Keys themselves are not kept; and who does not know the salt cannot steer towards an entry of the map.
  const salt = randomBytes(32).toString("hex");
  const nameOf = (key: string): string => hash("sha256", salt + key);
  return {
    digest,
    fingerprint: digest("dragoman pepper fingerprint").toString("hex").slice(0, FINGERPRINT_LENGTH),
    provedDigest: (key) => proved.get(nameOf(key)),
    proved(key, found) {
      if (proved.size >= PROVED_MAX) proved.clear();
      proved.set(nameOf(key), found);
    },
  };
}

/** In a time that does not depend on where they differ. Both are digests, so the length tells nothing. */
export function isSameDigest(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
