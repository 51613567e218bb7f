/** What is kept of a key: HMAC-SHA-256 under the server's pepper. Without the pepper a stolen store proves nothing. */
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { Secret } from "@dragoman/llm";

export interface KeyDigester {
  /** 32 bytes. About 4 µs. */
  digest(key: string): Buffer;
  /** Tells one pepper from another without telling either. */
  readonly fingerprint: string;
}

const FINGERPRINT_LENGTH = 16;

export function createKeyDigester(pepper: Secret): KeyDigester {
  const secret = createSecretKey(pepper.reveal(), "utf8");
  const digest = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  return { digest, fingerprint: digest("dragoman pepper fingerprint").toString("hex").slice(0, FINGERPRINT_LENGTH) };
}

/** In a time that does not depend on where they differ. Both are digests, so the length tells nothing. */
export function isSameDigest(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
