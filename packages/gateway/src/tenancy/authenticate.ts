/**
 * Who holds a key. A key that does not hold costs one HMAC and the same comparisons, whether the id in it is known or not;
 * which id exists is not told by how long the answer takes, nor by its words. One that held before is compared by the digest of then: whether
 * it still holds, and for what, is looked up at every call.
 */
import { DragomanError } from "@dragoman/llm";
import { KEY_LENGTH_MAX } from "./configured-keys.ts";
import { isSameDigest, type KeyDigester } from "./key-digest.ts";
import { keyIdOf } from "./key-format.ts";
import type { KeyRing, RingEntry } from "./key-ring.ts";

export interface AuthenticationGround {
  readonly ring: KeyRing;
  readonly digester: KeyDigester;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Throws as `Tenancy.authenticate` does. */
export function findHolder(ground: AuthenticationGround, key: string | undefined, address: string | undefined): RingEntry {
  if (key === undefined || key === "" || key.length > KEY_LENGTH_MAX) throw notKnown();
  const entry = provedEntry(ground, key);
  if (entry === undefined) throw notKnown();
  const { principal, isRevoked, expiresAt, missingTeam, addresses } = entry;
  if (isRevoked) throw unusable(`the key ${principal.key} is revoked`);
  if (expiresAt <= ground.now) throw unusable(`the key ${principal.key} has expired`);
  if (addresses !== undefined && !addresses.has(address)) {
    const detail = `the key ${principal.key} may not be used from ${address ?? "an unknown address"}`;
    throw new DragomanError({ code: "permission_denied", detail, advice: "call from an address that the key is given for" });
  }
  if (missingTeam !== undefined) {
    const detail = `the key ${principal.key} is in the team ${missingTeam}, which is gone`;
    throw new DragomanError({ code: "permission_denied", detail, advice: "ask whoever runs the gateway for a key" });
  }
  return entry;
}

/** Where no key has the id, the comparison is made all the same, with nobody's digest. */
const NOBODY = Buffer.alloc(32);

function provedEntry({ ring, digester, now }: AuthenticationGround, key: string): RingEntry | undefined {
  const known = digester.provedDigest(key);
  const digest = known ?? digester.digest(key);
  const entry = entryWith(digest, key, { ring, now });
  if (entry !== undefined && known === undefined) digester.proved(key, digest);
  return entry;
}

function entryWith(
  digest: Buffer,
  key: string,
  { ring, now }: Pick<AuthenticationGround, "ring" | "now">,
): RingEntry | undefined {
  const id = keyIdOf(key);
  const named = id === undefined ? undefined : ring.created.get(id);
  const isCurrent = isSameDigest(digest, named?.digest ?? NOBODY);
  const isPrevious = isSameDigest(digest, named?.previous?.digest ?? NOBODY) && now < (named?.previous?.until ?? 0);
  if (named !== undefined && (isCurrent || isPrevious)) return named;
  // Nobody without the pepper can steer towards a digest: finding it in a map tells nothing about another.
  return ring.configured.get(digest.toString("hex"));
}

function notKnown(): DragomanError {
  return new DragomanError({
    code: "authentication",
    detail: "no key was given that is known here",
    advice: "send a key of this gateway, as authorization: Bearer dgm_…; dragoman keys create makes one",
  });
}

function unusable(detail: string): DragomanError {
  return new DragomanError({ code: "authentication", detail, advice: "ask whoever runs the gateway for a new key" });
}
