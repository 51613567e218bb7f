/** Where `cache` keeps finished answers. Its cases stand in `testing/response-store-cases.ts`. */

import type { Completion } from "../completion.ts";
import type { CallOptions } from "../provider.ts";

/** Plain data; JSON there and back without loss. */
export interface StoredResponse {
  readonly completion: Completion;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Keys are opaque, at most 200 characters of ASCII. A store may forget an entry at any time, and must not give one out from
 * its `expiresAt` on. What it gives out is the caller's own: changing it changes nothing in the store.
 * A method may reject; the call is then answered without the store.
 */
export interface ResponseStore {
  /** Undefined for what is not there or is too old. */
  get(key: string, options?: CallOptions): Promise<StoredResponse | undefined>;
  /** Replaces what is there. */
  set(key: string, response: StoredResponse, options?: CallOptions): Promise<void>;
  /** True when there was one. */
  delete(key: string, options?: CallOptions): Promise<boolean>;
}
