/**
 * Which part of a prompt stays the same from call to call, so that a vendor may keep it. Each dialect compiles the list to
 * what its wire has: breakpoints, a cache key, a cached object; or nothing, where the vendor caches by itself.
 */
export interface CacheDirective {
  /** Everything up to and including this stays the same. `messages` counts from the start, system messages included. */
  readonly stable: "tools" | "system" | { readonly messages: number };
  /** How long to keep it. Default `5m`, the vendors' own default. */
  readonly timeToLive?: "5m" | "1h" | "24h";
  /** Groups calls that share a prefix, for vendors that route by key. At most 64 characters. */
  readonly key?: string;
  /**
   * The vendor's name of an object that holds this part already, with all tools and system messages (Gemini's cached
   * contents, as `cachedContents/abc`): the part is then named instead of sent. Providers set it themselves.
   */
  readonly object?: string;
}

/**
 * Why what was expected from the cache did not come.
 *
 * - `first-call`: nothing was kept yet; the next call may hit.
 * - `prefix-changed`: what came before the mark is not what it was; see `message`.
 * - `below-minimum`: the vendor keeps no prompt that short.
 * - `expired`: the call came later than the time to live.
 * - `not-supported`: the model keeps no prompts.
 * - `unknown`: the vendor should have had it, and gives no reason. Caches are kept as well as can be, not for certain.
 */
export type CacheMissReason = "first-call" | "prefix-changed" | "below-minimum" | "expired" | "not-supported" | "unknown";

/** Why nothing could be read from a cache. */
export interface CacheMiss {
  readonly reason: CacheMissReason;
  /** In one sentence. */
  readonly detail: string;
  /** The first message that changed, counted from 0; absent where it is the tools, or nothing changed. */
  readonly message?: number;
}

/** What a call's directives came to. */
export interface CacheOutcome {
  /** Tokens that the directives marked as stable, estimated; with a planner, those of them that an earlier call had put there. */
  readonly expectedTokens: number;
  /** Tokens that the vendor says it read from its cache; absent when it does not say. */
  readonly hitTokens?: number;
  /**
   * What the hits saved against the full price, less what writing cost above it. Negative where writing cost more; absent
   * where a price or the figures are unknown. USD.
   */
  readonly savedUsd?: number;
  /** Set where much of what was expected was not read. */
  readonly miss?: CacheMiss;
}
