/** What a call will probably use, learned from what calls of the same kind have used. */
import type { CompletionCall, Pricing, Usage } from "@dragoman/llm";
import type { Amounts } from "../ledger/call-record.ts";

export interface EstimateKey {
  readonly key: string;
  readonly provider: string;
  readonly model: string;
}

/**
 * Output is taken as the 95th percentile of what this key's calls of this model have really written, at most
 * `maxOutputTokens`; for the first calls as the smaller of `maxOutputTokens` and 1 000. Input is counted by its length and
 * corrected by how that has erred.
 */
export interface Estimator {
  /** `pricing` undefined: `usd` is absent. */
  estimate(key: EstimateKey, call: CompletionCall, pricing: Pricing | undefined): Amounts;
  learn(key: EstimateKey, call: { readonly estimatedInputTokens: number }, usage: Usage): void;
}
