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
}

/** What a call's directives came to. */
export interface CacheOutcome {
  /** Tokens that the directives marked as stable, estimated. */
  readonly expectedTokens: number;
  /** Tokens that the vendor says it read from its cache; absent when it does not say. */
  readonly hitTokens?: number;
}
