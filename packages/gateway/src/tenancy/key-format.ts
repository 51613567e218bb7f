/**
 * How a key looks: `dgm_<public id>_<secret>`, 64 characters. By the public id it is found, by the secret it is proved. The
 * fixed shape lets scanners of leaked secrets, and `redactSecrets`, know it.
 */
import { randomBytes } from "node:crypto";

const PREFIX = "dgm_";
/** 80 bits: two keys with one id do not happen. */
const PUBLIC_ID_LENGTH = 16;
const SECRET_BYTES = 32;
/** 32 bytes in base64url. */
const SECRET_LENGTH = 43;
const SECRET_START = PREFIX.length + PUBLIC_ID_LENGTH + 1;
const KEY_LENGTH = SECRET_START + SECRET_LENGTH;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
/** What ids of created keys begin with; no key of the configuration may be called so. */
export const KEY_ID_PREFIX = "k_";

export function makeKeyId(): string {
  // A byte's lower five bits: evenly spread, as 32 divides 256.
  const letters = Array.from(randomBytes(PUBLIC_ID_LENGTH), (byte) => BASE32[byte & 31]);
  return `${KEY_ID_PREFIX}${letters.join("")}`;
}

/** A fresh key under an id, as `k_…`. */
export function makeKey(id: string): string {
  return `${PREFIX}${id.slice(KEY_ID_PREFIX.length)}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** The id in a key of our shape, proved or not; undefined for a text of another shape. */
export function keyIdOf(key: string): string | undefined {
  if (key.length !== KEY_LENGTH || !key.startsWith(PREFIX) || key[SECRET_START - 1] !== "_") return undefined;
  return KEY_ID_PREFIX + key.slice(PREFIX.length, SECRET_START - 1);
}

/** Whether a text means to be one of our keys, so that a mistyped one is not taken for something else. */
export function looksLikeOurs(key: string): boolean {
  return key.startsWith(PREFIX);
}
