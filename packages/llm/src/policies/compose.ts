import type { Provider } from "../provider.ts";

/** What a policy is once its options are given. */
export type Policy = (provider: Provider) => Provider;

/**
 * Wraps a provider in policies from the inside out: the first stands next to the vendor, the last next to the caller.
 *
 *     const model = compose(anthropic(), (one) => limit(one, { concurrency: 4 }), retry, (one) => cache(one));
 */
export function compose<Model extends string>(provider: Provider<Model>, ...policies: readonly Policy[]): Provider<Model> {
  return policies.reduce<Provider>((inner, policy) => policy(inner), provider);
}
